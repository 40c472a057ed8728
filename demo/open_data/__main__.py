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
    with console.working("Fetching Online Retail ..."):
        path = fetch_online_retail()
    console.out.print(str(path))


if __name__ == "__main__":
    command.run(main)
