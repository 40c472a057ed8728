"""Promotes the digests that are live in another environment."""

from __future__ import annotations

import os

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.release.deploy import Source
from fleet.release.environments import Environment
from fleet.release.infrastructure import Artifacts
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


def artifacts(
    catalogue: Catalogue, record: Record, source: str, environment: Environment
) -> Artifacts:
    """What `environment` gets of a release of the environment `source`.

    Raises FleetError if a function moves between image and zip in one of the two only.
    """
    shared = {name for name, function in catalogue.functions.items() if function.image}
    released = [(name, r) for name, r in record.all_released() if name not in shared]
    found = Artifacts(
        images={name: r.image for name, r in released if r.image},
        zips={name: r.zip for name, r in released if r.zip},
    )
    for package_type, held in (("image", found.images), ("zip", found.zips)):
        for name in environment.packaged(catalogue, package_type):
            if name not in held:
                raise FleetError(
                    f"release {record.number} of {source} has no {package_type} of {name}, which "
                    f"{environment.name} needs: name it in parallel_packages of {source} too, and "
                    f"`make deploy ENV={source}`"
                )
    return found
