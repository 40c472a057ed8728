"""`make demo`: run the platform, without Docker or an AWS account."""

from __future__ import annotations

import argparse

from fleet import command
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from shop import Parameters
from tour import demo


def main(arguments: list[str] | None = None) -> None:
    """Run the demo. Exits with a message on a wrong argument; raises FleetError if it fails."""
    usage = "make demo [ROWS=100000] [MONTHS=24] [SEED=1]"
    parser = argparse.ArgumentParser(prog="make demo", usage=usage, description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="order lines of the shop, about")
    parser.add_argument("--months", type=int, default=24, help="of the shop")
    parser.add_argument("--seed", type=int, default=1, help="of the shop")
    given = parser.parse_args(arguments)
    try:
        shop = Parameters(seed=given.seed, lines=given.rows, months=given.months)
    except ValueError as error:
        parser.error(str(error))
    demo.run(load(CATALOGUE), shop)


if __name__ == "__main__":
    command.run(main)
