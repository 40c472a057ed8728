"""Customers as steps: a chain of histories over the months, and a snapshot after each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curated_to_prod.customers import WINDOW_MONTHS, customer_features, customer_histories
from curated_to_prod.source_snapshot import SourceSnapshot
from curated_to_prod.steps import Affected, Built, PartitionInputs, starts
from datalake.contracts import PartitionedTable, prod
from datalake.contracts.prod import ACTIVE_MONTHS
from datalake.periods import first_day, shift, span


@dataclass(frozen=True)
class Histories:
    """customer_histories: each month from the one before it, and the month's days.

    A month has the customers of ACTIVE_MONTHS. Those who left and come back are found in the last
    months that together have everybody: one for each ACTIVE_MONTHS before.
    """

    table: PartitionedTable = prod.CUSTOMER_HISTORIES
    made_of: tuple[PartitionedTable, ...] = (prod.CUSTOMER_DAYS,)

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """See Step."""
        days = changed[prod.CUSTOMER_DAYS.name]
        if not days:
            return set()
        months = {*snapshot.existing(prod.CUSTOMER_DAYS), *snapshot.existing(self.table)}
        return {month for month in months if month >= min(days)}

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:
        """See Step."""
        return [(prod.CUSTOMER_DAYS, period)]

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        days = snapshot.partitions(prod.CUSTOMER_DAYS, [period])
        if not days:
            return PartitionInputs()
        earlier = list(self._everybody_before(snapshot, period))

        def build() -> Built:
            before, former = (snapshot.rows(self.table, m) for m in (earlier[:1], earlier[1:]))
            # The latest of a customer's histories comes first.
            former = former.unique(self.table.key, keep="first", maintain_order=True)
            bought = snapshot.rows(prod.CUSTOMER_DAYS, [period])
            return Built(customer_histories(before, former, bought, period))

        return PartitionInputs([*snapshot.partitions(self.table, earlier), *days], build=build)

    def _everybody_before(self, snapshot: SourceSnapshot, period: str) -> Iterator[str]:
        """Months, the last first, of which each customer seen before `period` is in one."""
        month = snapshot.latest(self.table, period)
        while month is not None:
            yield month
            month = snapshot.latest(self.table, shift(month, 1 - ACTIVE_MONTHS))


@dataclass(frozen=True)
class Features:
    """customer_features: at the first of each month from the histories before it, and the days that
    its windows reach."""

    table: PartitionedTable = prod.CUSTOMER_FEATURES
    made_of: tuple[PartitionedTable, ...] = (prod.CUSTOMER_DAYS, prod.CUSTOMER_HISTORIES)

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """See Step."""
        days = changed[prod.CUSTOMER_DAYS.name]
        if not days:
            return set()
        made = {as_of for as_of in snapshot.existing(self.table) if as_of[:7] > min(days)}
        last = snapshot.latest(prod.CUSTOMER_DAYS)
        if last is None:
            return made
        # A later month also calls for the snapshots after months without any purchase.
        reached = {
            f"{month}-01"
            for start in starts(snapshot, prod.CUSTOMER_DAYS, days, last)
            for month in span(shift(start, 1), shift(min(shift(start, ACTIVE_MONTHS - 1), last), 1))
        }
        return made | reached

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:
        """See Step."""
        return ((prod.CUSTOMER_DAYS, month) for month in _windows_before(period))

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        month = period[:7]
        last = snapshot.latest(prod.CUSTOMER_DAYS)
        known = snapshot.latest(prod.CUSTOMER_HISTORIES, month)
        # One snapshot after the last month; further ones would say nothing new.
        if last is None or known is None or month > shift(last, 1):
            return PartitionInputs()
        if known < shift(month, -ACTIVE_MONTHS):
            return PartitionInputs()
        windows = _windows_before(period)

        def build() -> Built:
            histories = snapshot.rows(prod.CUSTOMER_HISTORIES, [known])
            days = snapshot.rows(prod.CUSTOMER_DAYS, windows)
            return Built(customer_features(histories, days, first_day(period)))

        inputs = [
            *snapshot.partitions(prod.CUSTOMER_HISTORIES, [known]),
            *snapshot.partitions(prod.CUSTOMER_DAYS, windows),
        ]
        return PartitionInputs(inputs, build=build)


def _windows_before(as_of: str) -> list[str]:
    """The months in which the windows of a day lie."""
    return [shift(as_of, -steps) for steps in range(WINDOW_MONTHS, 0, -1)]
