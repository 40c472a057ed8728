"""How one prod table follows from what objects contribute, or from other prod tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import polars as pl

from curated_to_prod import contributions
from curated_to_prod.merge import merge
from curated_to_prod.source_snapshot import SourceSnapshot
from datalake.contracts import PartitionedTable, Table
from datalake.layout import Partition
from datalake.manifest import Input
from datalake.periods import shift

Affected: TypeAlias = Mapping[str, set[str]]
"""Name of a prod table → periods in which it may have changed."""


@dataclass(frozen=True)
class Built:
    """A partition's rows, and what the manifest is to count besides them."""

    rows: pl.DataFrame
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PartitionInputs:
    """What a partition is made from, and how; without `build` it has no rows."""

    inputs: list[Input] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    build: Callable[[], Built] | None = None

    def digest(self, table: PartitionedTable) -> str:
        """Equal for equal inputs, parameters and version of the table."""
        inputs = [(entry.bucket, entry.key, entry.sha256) for entry in self.inputs]
        content = [table.name, table.version, inputs, self.parameters, self.build is not None]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass(frozen=True)
class Upstream:
    """A table that another one is made of, from `back` periods before to `ahead` periods after.

    Where a `required` one has no rows in the period itself, nor has the other. All columns are
    read, or `columns`.
    """

    table: PartitionedTable
    back: int = 0
    ahead: int = 0
    required: bool = False
    columns: tuple[str, ...] | None = None

    def periods(self, period: str) -> list[str]:
        """The periods that go into a period of the table downstream."""
        return [shift(period, steps) for steps in range(-self.back, self.ahead + 1)]

    def reached(self, period: str) -> list[str]:
        """The periods downstream that a period goes into."""
        return [shift(period, steps) for steps in range(-self.ahead, self.back + 1)]


class Step(Protocol):
    """How one prod table is made."""

    @property
    def table(self) -> PartitionedTable:
        """What it makes."""

    @property
    def made_of(self) -> Sequence[PartitionedTable]:
        """The prod tables that it is made of; none if it is made of contributions."""

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """The periods whose partition may no longer be right."""

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:
        """The partitions of other tables that inputs_of looks at, as far as that is known."""

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """What the partition of a period is to be made from, as the source is now."""


@dataclass(frozen=True)
class Merge:
    """A curated table of all objects."""

    curated: Table
    table: PartitionedTable
    made_of: tuple[PartitionedTable, ...] = ()

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return changed[self.table.name]

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return ()

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        rows = snapshot.contributions(Partition(self.table, snapshot.source, period))
        if rows.is_empty():
            return PartitionInputs()

        def build() -> Built:
            merged = merge(self.table, rows)
            repeated = rows.height - merged.height
            counts = {"rows_in": rows.height, "repeated_across_objects": repeated}
            return Built(merged, counts)

        return PartitionInputs(contributions.inputs(rows), build=build)


@dataclass(frozen=True)
class Window:
    """A table whose period depends on a window of periods of others.

    `build` takes a frame for each upstream, then the period if `takes_period`.
    """

    table: PartitionedTable
    upstream: tuple[Upstream, ...]
    build: Callable[..., pl.DataFrame]
    takes_period: bool = False

    @property
    def made_of(self) -> tuple[PartitionedTable, ...]:
        """See Step."""
        return tuple(entry.table for entry in self.upstream)

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:
        """See Step."""
        return ((entry.table, part) for entry in self.upstream for part in entry.periods(period))

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return {
            reached
            for entry in self.upstream
            for period in changed[entry.table.name]
            for reached in entry.reached(period)
        }

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        inputs = [
            part
            for entry in self.upstream
            for part in snapshot.partitions(entry.table, entry.periods(period))
        ]
        if not inputs or any(
            entry.required and snapshot.partition(entry.table, period) is None
            for entry in self.upstream
        ):
            return PartitionInputs()

        def build() -> Built:
            frames = [
                snapshot.rows(entry.table, entry.periods(period), entry.columns)
                for entry in self.upstream
            ]
            return Built(self.build(*frames, *([period] if self.takes_period else [])))

        return PartitionInputs(inputs, build=build)


def starts(
    snapshot: SourceSnapshot, table: PartitionedTable, changed: set[str], last: str
) -> set[str]:
    """The periods from which on a change shows: the changed ones, the last one, and those before
    them, one of which may have been the last."""
    before = (snapshot.latest(table, period) for period in changed)
    return {*changed, last, *(period for period in before if period)}
