"""What is promoted: the digests that are live in another environment."""

from __future__ import annotations

import os

from fleet.errors import FleetError
from fleet.release.deploy import Source
from fleet.release.preflight import DIRTY_VARIABLE
from fleet.release.records import Record, Stored, states


def origin(history: list[Stored], environment: str, source: Source) -> Record:
    """The record of the release that is live in `environment`.

    Raises FleetError if nothing is, or if the checkout, whose Terraform is going to be applied, is
    of another commit.
    """
    stack = states(history)
    if not stack:
        raise FleetError(f"nothing is live in {environment}, so there is nothing to promote")
    number, functions = stack[-1]
    record = next(s.record for s in history if s.record.number == number)
    if record.commit != source.commit and os.environ.get(DIRTY_VARIABLE) != "1":
        raise FleetError(
            f"release {number} of {environment} is of commit {record.commit[:10]}, this checkout "
            f"of {source.commit[:10]}, and its Terraform is what would be applied: "
            f"`git checkout {record.commit}`, or set {DIRTY_VARIABLE}=1"
        )
    return record.model_copy(update={"functions": dict(functions)})


def images(record: Record) -> dict[str, str]:
    """The record's images, tag@digest by function."""
    return {name: r.image for name, r in record.functions.items() if r.image}
