"""`make backfill`: curate every raw object under a prefix, skipping finished ones."""

from __future__ import annotations

import argparse
import time

from backfill import backlog
from fleet import command, console
from fleet.catalogue import load
from fleet.paths import CATALOGUE


def main(arguments: list[str] | None = None) -> None:
    """Run the backfill in the local cloud. Raises FleetError unless every object is curated."""
    parser = argparse.ArgumentParser(prog="make backfill", description=__doc__)
    parser.add_argument("prefix", nargs="?", default="", help="of keys of the raw bucket")
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    items = backlog.run(backlog.local_target(load(CATALOGUE)), given.prefix)
    if given.json:
        console.print_json([vars(item) for item in items])
    else:
        backlog.show(items, time.monotonic() - started)
    backlog.require_success(items)


if __name__ == "__main__":
    command.run(main)
