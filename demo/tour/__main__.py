"""`make demo`: run the platform, without Docker or an AWS account."""

from __future__ import annotations

from fleet import command
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from tour import pipeline


def main() -> None:
    """Run the demo. Raises FleetError if not everything went well."""
    pipeline.run(load(CATALOGUE))


if __name__ == "__main__":
    command.run(main)
