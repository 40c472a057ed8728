"""`make shop`: write the files of a made-up shop into a folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shop.files import files
from shop.parameters import Parameters


def main(arguments: list[str] | None = None) -> None:
    """Write every file under its key; says how many. Exits with a message on a wrong argument."""
    parser = argparse.ArgumentParser(prog="make shop", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="order lines, about")
    parser.add_argument("--out", type=Path, required=True, help="folder, new or empty")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        parameters = Parameters(seed=given.seed, lines=given.rows)
    except ValueError as error:
        parser.error(str(error))
    if given.out.exists() and (not given.out.is_dir() or any(given.out.iterdir())):
        parser.error(f"{given.out} is there and not an empty folder; name another one as OUT")
    count = size = 0
    for file in files(parameters):
        path = given.out / file.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        count, size = count + 1, size + len(file.content)
    sys.stdout.write(f"{count} files, {size / 1e6:.1f} MB of made-up data, in {given.out}\n")


if __name__ == "__main__":
    main()
