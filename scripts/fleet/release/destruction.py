"""The end of an environment: everything that Terraform made goes, and that is on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from fleet.errors import FleetError
from fleet.release.cloud import Cloud
from fleet.release.deploy import Source, refuse_unfinished
from fleet.release.records import Record, Records


class Destroyable(Protocol):
    """What can delete everything that it made."""

    def plan_destruction(self) -> None:
        """Show what would be deleted."""

    def planned(self) -> dict[str, Any]:
        """The last plan as data."""

    def apply_plan(self) -> None:
        """Do what the last plan showed."""


def destroy(
    environment: str,
    cloud: Cloud,
    infrastructure: Destroyable,
    records: Records,
    source: Source,
    confirm: Callable[[list[str]], bool],
    report: Callable[[str], None],
) -> Record | None:
    """Delete everything of an environment; return its last record, None if it held nothing.

    `confirm` gets the addresses of all resources that would go. Raises FleetError, with nothing
    deleted, if it says no or while a release goes on.
    """
    history = records.newest()
    refuse_unfinished(history, environment)
    infrastructure.plan_destruction()
    addresses = removed(infrastructure.planned())
    if not addresses:
        return None
    if not confirm(addresses):
        raise FleetError("not confirmed; nothing was deleted")
    who = cloud.identity().caller
    record = records.open(history, "destroy", who, source.commit, dirty=source.dirty)
    try:
        infrastructure.apply_plan()
    except BaseException as error:
        records.close(record, error, report)
        raise
    return records.update(record, status="gone").record


def removed(plan: Mapping[str, Any]) -> list[str]:
    """The addresses of the resources that a plan (as `terraform show -json`) deletes, in order."""
    return sorted(
        change["address"]
        for change in plan.get("resource_changes", [])
        if "delete" in change["change"]["actions"]
    )
