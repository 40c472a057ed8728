"""The prod tables as steps: which partitions a change reaches, and what each is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol, TypeAlias

import polars as pl

from curated_to_prod import payments, returns
from curated_to_prod.countries import country_months
from curated_to_prod.customers import customer_days, customer_features
from curated_to_prod.demand import SERIES, demand_daily, demand_weekly, product_months
from curated_to_prod.facts import copilot_facts
from curated_to_prod.market import market_panel
from curated_to_prod.merge import merge
from curated_to_prod.periods import end_day, first_day, shift, span
from curated_to_prod.source_snapshot import SourceSnapshot
from datalake.contracts import PartitionedTable, Table, prod
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)
from datalake.manifest import Input

Affected: TypeAlias = Mapping[str, set[str]]
"""Name of a curated or prod table → periods in which it may have changed."""


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


class Step(Protocol):
    """How one prod table follows from curated tables or from other prod tables."""

    @property
    def table(self) -> PartitionedTable:
        """What it makes."""

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """The periods whose partition may no longer be right."""

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """What the partition of a period is to be made from, as the source is now."""


@dataclass(frozen=True)
class Merge:
    """A curated table of all objects."""

    curated: Table
    table: PartitionedTable

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return changed[self.curated.name]

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        files = snapshot.curated_files(self.curated, period)
        if not files:
            return PartitionInputs()

        def build() -> Built:
            frames = [snapshot.curated_rows(file, self.table, period) for file in files]
            merged = merge(self.table, frames)
            rows_in = sum(frame.height for frame in frames)
            counts = {"rows_in": rows_in, "repeated_across_objects": rows_in - merged.height}
            return Built(merged, counts)

        return PartitionInputs([file.input for file in files], build=build)


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


@dataclass(frozen=True)
class Window:
    """A table whose period depends on a window of periods of others.

    `build` takes a frame for each upstream, then the period if `takes_period`.
    """

    table: PartitionedTable
    upstream: tuple[Upstream, ...]
    build: Callable[..., pl.DataFrame]
    takes_period: bool = False

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


@dataclass(frozen=True)
class DailyDemand:
    """demand_daily. Besides the month's sales it depends on two facts of the other months: which
    series began earlier, and the last day of the source. Both stand as parameters, not as inputs,
    so that a month changes only where they do."""

    table: PartitionedTable = prod.DEMAND_DAILY

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """See Step."""
        sold = changed[prod.PRODUCT_MONTHS.name]
        if not sold:
            return set()
        # A new last day also lengthens the month that was the last one before.
        first, last = _since(snapshot, prod.PRODUCT_MONTHS, min(sold))
        made = (month for month in snapshot.existing(self.table) if month >= first)
        return {*made, *span(first, last)}

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        months = snapshot.periods(prod.PRODUCT_MONTHS)
        if not months or not months[0] <= period <= months[-1]:
            return PartitionInputs()
        last = snapshot.rows(prod.PRODUCT_MONTHS, months[-1:], ("last_day",))["last_day"].max()
        if not isinstance(last, date):
            raise TypeError(f"product_months has no last_day in {months[-1]}")
        before = _series(snapshot, [month for month in months if month < period])
        parameters = {
            "through": min(last, end_day(period) - timedelta(days=1)).isoformat(),
            "series_before": hashlib.sha256(before.write_csv().encode()).hexdigest(),
        }

        def build() -> Built:
            orders = snapshot.rows(prod.MERGED_ORDERS, [period])
            returned = snapshot.rows(prod.MERGED_RETURNS, [period])
            return Built(demand_daily(orders, returned, before, period, last))

        inputs = [
            *snapshot.partitions(prod.MERGED_ORDERS, [period]),
            *snapshot.partitions(prod.MERGED_RETURNS, [period]),
        ]
        return PartitionInputs(inputs, parameters, build)


def _since(snapshot: SourceSnapshot, table: PartitionedTable, period: str) -> tuple[str, str]:
    """The last period with rows before `period` (or that one if there is none), and the last."""
    periods = snapshot.periods(table)
    earlier = [entry for entry in periods if entry < period]
    return (earlier or [period])[-1], (periods or [""])[-1]


def _series(snapshot: SourceSnapshot, months: Iterable[str]) -> pl.DataFrame:
    rows = snapshot.rows(prod.PRODUCT_MONTHS, months, SERIES)
    return rows.unique().sort(SERIES)


@dataclass(frozen=True)
class Snapshots:
    """customer_features: at the first of each month from all the months before it."""

    table: PartitionedTable = prod.CUSTOMER_FEATURES

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """See Step."""
        days = changed[prod.CUSTOMER_DAYS.name]
        if not days:
            return set()
        # A later month also calls for the snapshots after months without any purchase.
        first, last = _since(snapshot, prod.CUSTOMER_DAYS, min(days))
        made = (as_of for as_of in snapshot.existing(self.table) if as_of[:7] > first)
        return {*made, *(shift(month, 1) + "-01" for month in span(first, last))}

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        months = snapshot.periods(prod.CUSTOMER_DAYS)
        earlier = [month for month in months if month < period[:7]]
        # One snapshot after the last month; further ones would say nothing new.
        if not earlier or period[:7] > shift(months[-1], 1):
            return PartitionInputs()

        def build() -> Built:
            days = snapshot.rows(prod.CUSTOMER_DAYS, earlier)
            return Built(customer_features(days, first_day(period)))

        return PartitionInputs(snapshot.partitions(prod.CUSTOMER_DAYS, earlier), build=build)


@dataclass(frozen=True)
class Facts:
    """copilot_facts: one file of all months."""

    table: PartitionedTable = prod.COPILOT_FACTS

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return {""} if changed[prod.PRODUCT_MONTHS.name] else set()

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:  # noqa: ARG002 - part of the protocol
        """See Step."""
        made_of = (prod.COUNTRY_MONTHS, prod.PRODUCT_MONTHS, prod.CUSTOMER_DAYS)
        if not snapshot.periods(prod.PRODUCT_MONTHS):
            return PartitionInputs()

        def build() -> Built:
            countries, sold = (_with_month(snapshot, table) for table in made_of[:2])
            days = snapshot.rows(prod.CUSTOMER_DAYS, snapshot.periods(prod.CUSTOMER_DAYS))
            return Built(copilot_facts(countries, sold, days))

        inputs = [
            part
            for table in made_of
            for part in snapshot.partitions(table, snapshot.periods(table))
        ]
        return PartitionInputs(inputs, build=build)


def _with_month(snapshot: SourceSnapshot, table: PartitionedTable) -> pl.DataFrame:
    return pl.concat(
        snapshot.rows(table, [month]).with_columns(pl.lit(month).alias("month"))
        for month in snapshot.periods(table)
    )


_SALES = (Upstream(prod.MERGED_ORDERS), Upstream(prod.MERGED_RETURNS))

STEPS: tuple[Step, ...] = (
    Merge(ORDERS, prod.MERGED_ORDERS),
    Merge(RETURNS, prod.MERGED_RETURNS),
    Merge(TRANSACTIONS, prod.MERGED_TRANSACTIONS),
    Merge(MARKET_SERIES, prod.MERGED_MARKET_SERIES),
    Merge(COUNTRY_INDICATORS, prod.COUNTRY_YEARS),
    Window(prod.PRODUCT_MONTHS, _SALES, product_months),
    DailyDemand(),
    Window(
        prod.DEMAND_WEEKLY,
        (Upstream(prod.DEMAND_DAILY, ahead=1),),
        demand_weekly,
        takes_period=True,
    ),
    Window(
        prod.CUSTOMER_DAYS,
        (*_SALES, Upstream(prod.MERGED_TRANSACTIONS)),
        customer_days,
    ),
    Snapshots(),
    Window(
        prod.MATCHED_RETURNS,
        (
            Upstream(prod.MERGED_RETURNS, required=True),
            Upstream(
                prod.MERGED_ORDERS,
                back=returns.LOOKBACK_MONTHS,
                columns=returns.ORDER_COLUMNS,
            ),
        ),
        returns.matched_returns,
    ),
    Window(prod.COUNTRY_MONTHS, _SALES, country_months),
    Facts(),
    Window(
        prod.TRANSACTION_FEATURES,
        (Upstream(prod.MERGED_TRANSACTIONS, back=payments.LOOKBACK_MONTHS, required=True),),
        payments.transaction_features,
        takes_period=True,
    ),
    Window(
        prod.MARKET_PANEL,
        (Upstream(prod.MERGED_MARKET_SERIES, back=1, required=True),),
        market_panel,
        takes_period=True,
    ),
)
"""Every prod table, after those that it is made of."""
