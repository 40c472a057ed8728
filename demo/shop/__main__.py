"""`make shop`: write the files of a made-up shop into a folder or a bucket."""

from __future__ import annotations

import argparse

from fleet import command, console
from fleet.errors import FleetError
from shop.destinations import destination
from shop.files import files
from shop.parameters import Parameters


def main(arguments: list[str] | None = None) -> None:
    """Write every file under its key; says how many, and where.

    Exits with a message on a wrong argument; raises FleetError if a file cannot be written.
    """
    usage = "make shop OUT=folder or s3://bucket/prefix [ROWS=100000] [SEED=1]"
    parser = argparse.ArgumentParser(prog="make shop", usage=usage, description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="order lines, about")
    parser.add_argument("--out", required=True, help="new or empty folder, or s3://bucket/prefix")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        parameters = Parameters(seed=given.seed, lines=given.rows)
        out = destination(given.out)
        out.prepare(lambda: files(parameters))
    except (ValueError, FleetError) as error:
        parser.error(str(error))
    count = written = size = 0
    with console.progress() as bars:
        task = bars.add_task("Files", total=None)
        for file in files(parameters):
            written += out.write(file)
            count, size = count + 1, size + len(file.content)
            bars.update(task, description=file.key, completed=count)
    there = f"; {count - written} were there already" if written < count else ""
    where = console.escape(out.name)
    console.out.print(f"{count} files, {size / 1e6:.1f} MB of made-up data, in {where}{there}")


if __name__ == "__main__":
    command.run(main)
