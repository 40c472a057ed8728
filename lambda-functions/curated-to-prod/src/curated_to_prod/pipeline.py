"""The prod tables as steps: which partitions a change reaches, and what each is made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from curated_to_prod import payments, returns
from curated_to_prod.countries import country_months
from curated_to_prod.customer_steps import Features, Histories
from curated_to_prod.customers import customer_days
from curated_to_prod.demand import (
    OFFERED_MONTHS,
    SERIES,
    demand_daily,
    demand_weekly,
    offered,
    product_months,
)
from curated_to_prod.facts import copilot_facts
from curated_to_prod.market import market_panel
from curated_to_prod.source_snapshot import SourceSnapshot
from curated_to_prod.steps import (
    Affected,
    Built,
    Merge,
    PartitionInputs,
    Step,
    Upstream,
    Window,
    starts,
)
from datalake.contracts import PartitionedTable, prod
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)
from datalake.contracts.prod import FACT_MONTHS
from datalake.periods import end_day, first_day, shift, span


@dataclass(frozen=True)
class DailyDemand:
    """demand_daily. Besides the month's sales it depends on two facts of the other months: which
    series are still offered, and the last day of the source. Both stand as parameters, not as
    inputs, so that a month changes only where they do."""

    table: PartitionedTable = prod.DEMAND_DAILY
    made_of: tuple[PartitionedTable, ...] = (
        prod.MERGED_ORDERS,
        prod.MERGED_RETURNS,
        prod.PRODUCT_MONTHS,
    )

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:
        """See Step."""
        sold = changed[prod.PRODUCT_MONTHS.name]
        last = snapshot.latest(prod.PRODUCT_MONTHS)
        if not sold:
            return set()
        if last is None:
            return set(snapshot.existing(self.table))
        reached = {
            month
            for start in starts(snapshot, prod.PRODUCT_MONTHS, sold, last)
            for month in span(start, min(shift(start, OFFERED_MONTHS), last))
        }
        return reached | {month for month in snapshot.existing(self.table) if month > last}

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:
        """See Step."""
        yield from ((table, period) for table in self.made_of)
        yield from ((prod.PRODUCT_MONTHS, month) for month in _offered_in(period))

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:
        """See Step."""
        last = snapshot.latest(prod.PRODUCT_MONTHS)
        if last is None or period > last:
            return PartitionInputs()
        through = end_day(period) - timedelta(days=1)
        if period == last:
            days = snapshot.rows(prod.PRODUCT_MONTHS, [last], ("last_day",))
            through = max(days["last_day"].to_list())
        sold = snapshot.rows(prod.PRODUCT_MONTHS, _offered_in(period), (*SERIES, "last_day"))
        before = offered(sold, first_day(period), through)
        if before.is_empty() and snapshot.partition(prod.PRODUCT_MONTHS, period) is None:
            return PartitionInputs()
        parameters = {
            "through": through.isoformat(),
            "series_before": hashlib.sha256(before.write_csv().encode()).hexdigest(),
        }

        def build() -> Built:
            orders = snapshot.rows(prod.MERGED_ORDERS, [period])
            returned = snapshot.rows(prod.MERGED_RETURNS, [period])
            return Built(demand_daily(orders, returned, before, period, through))

        inputs = [
            *snapshot.partitions(prod.MERGED_ORDERS, [period]),
            *snapshot.partitions(prod.MERGED_RETURNS, [period]),
        ]
        return PartitionInputs(inputs, parameters, build)


def _offered_in(month: str) -> list[str]:
    """The earlier months whose products may still be offered in this one."""
    return [shift(month, -steps) for steps in range(OFFERED_MONTHS, 0, -1)]


@dataclass(frozen=True)
class Facts:
    """copilot_facts: one file of the last FACT_MONTHS."""

    table: PartitionedTable = prod.COPILOT_FACTS
    made_of: tuple[PartitionedTable, ...] = (
        prod.COUNTRY_MONTHS,
        prod.PRODUCT_MONTHS,
        prod.CUSTOMER_DAYS,
    )

    def looks_at(self, period: str) -> Iterable[tuple[PartitionedTable, str]]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return ()

    def affected(self, snapshot: SourceSnapshot, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return {""} if changed[prod.PRODUCT_MONTHS.name] else set()

    def inputs_of(self, snapshot: SourceSnapshot, period: str) -> PartitionInputs:  # noqa: ARG002 - part of the protocol
        """See Step."""
        last = snapshot.latest(prod.PRODUCT_MONTHS)
        if last is None:
            return PartitionInputs()
        months = list(span(shift(last, 1 - FACT_MONTHS), last))

        def build() -> Built:
            countries, sold = (_with_month(snapshot, table, months) for table in self.made_of[:2])
            return Built(copilot_facts(countries, sold, snapshot.rows(self.made_of[2], months)))

        inputs = [part for table in self.made_of for part in snapshot.partitions(table, months)]
        return PartitionInputs(inputs, build=build)


def _with_month(
    snapshot: SourceSnapshot, table: PartitionedTable, months: list[str]
) -> pl.DataFrame:
    return pl.concat(
        snapshot.rows(table, [month]).with_columns(pl.lit(month).alias("month")) for month in months
    )


_SALES = (Upstream(prod.MERGED_ORDERS), Upstream(prod.MERGED_RETURNS))

MERGES = (
    Merge(ORDERS, prod.MERGED_ORDERS),
    Merge(RETURNS, prod.MERGED_RETURNS),
    Merge(TRANSACTIONS, prod.MERGED_TRANSACTIONS),
    Merge(MARKET_SERIES, prod.MERGED_MARKET_SERIES),
    Merge(COUNTRY_INDICATORS, prod.COUNTRY_YEARS),
)

STEPS: tuple[Step, ...] = (
    *MERGES,
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
    Histories(),
    Features(),
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
