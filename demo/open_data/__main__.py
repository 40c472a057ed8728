"""`make data`: fetch the public data sets that the demo can use."""

from __future__ import annotations

from fleet import command, console
from open_data.fetch import fetch_online_retail
from open_data.sets import online_retail


def main() -> None:
    """Fetch Online Retail unless it is here. Raises FleetError if that fails."""
    if found := online_retail():
        console.out.print(f"Online Retail is here already: {found}")
        return
    with console.transfer() as bars:
        task = bars.add_task("Fetching Online Retail", total=None)
        path = fetch_online_retail(
            progress=lambda here, whole: bars.update(task, completed=here, total=whole)
        )
    console.out.print(str(path))


if __name__ == "__main__":
    command.run(main)
