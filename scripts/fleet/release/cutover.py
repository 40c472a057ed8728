"""The way from zip to image and back, whose steps docs/terraform.md lists.

An apply moves a function's events at once: so they must go to a function that was released before,
and leave one that stays until the next release.
"""

from __future__ import annotations

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.release.environments import Environment
from fleet.release.records import Stored, states


def check(history: list[Stored], catalogue: Catalogue, environment: Environment) -> None:
    """Raise FleetError if the catalogue leaves out a step since the release that is live."""
    stack = states(history)
    if not stack:
        return
    number, functions = stack[-1]
    beside = next(s.record.parallel for s in history if s.record.number == number)
    for name, released in functions.items():
        before = "image" if released.image else "zip"
        if name not in catalogue.functions or catalogue.package_type_of(name) == before:
            continue
        owner = catalogue.owner_of(name)
        if name not in beside:
            raise FleetError(
                f"{name} is live in {environment.name} as {before}, and functions.yaml gives its "
                "events to a function that was never released there: first set package_type back, "
                f"let it run beside with parallel_packages in {environment.name}.tfvars, and "
                "release that (docs/terraform.md, From zip to image)"
            )
        if environment.parallel_packages.get(owner) != before:
            raise FleetError(
                f"{name} would be deleted as {before} while its events leave it: keep it for this "
                f'release with parallel_packages = {{ {owner} = "{before}" }} in '
                f"{environment.name}.tfvars"
            )
