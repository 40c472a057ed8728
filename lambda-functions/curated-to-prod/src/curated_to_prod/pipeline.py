"""The products as steps: which partitions a change reaches, and what each is made from."""

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
from curated_to_prod.lake import Input, Lake
from curated_to_prod.market import market_panel
from curated_to_prod.merge import merge
from curated_to_prod.periods import end_day, first_day, shift, span
from datalake import products
from datalake.contracts import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
    Table,
)
from datalake.products import Product

Affected: TypeAlias = Mapping[str, set[str]]
"""Name of a curated table or product → periods in which it may have changed."""


@dataclass(frozen=True)
class Built:
    """A partition's rows, and what the manifest is to count besides them."""

    rows: pl.DataFrame
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What a partition is made from, and how; without `build` it has no rows."""

    inputs: list[Input] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    build: Callable[[], Built] | None = None

    def digest(self, product: Product) -> str:
        """Equal for equal inputs, parameters and version of the product."""
        inputs = [(entry.bucket, entry.key, entry.sha256) for entry in self.inputs]
        content = [product.name, product.version, inputs, self.parameters, self.build is not None]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class Step(Protocol):
    """How one product follows from curated tables or from other products."""

    @property
    def product(self) -> Product:
        """What it makes."""

    def affected(self, lake: Lake, changed: Affected) -> set[str]:
        """The periods whose partition may no longer be right."""

    def recipe(self, lake: Lake, period: str) -> Recipe:
        """What the partition of a period is to be made from, as the lake is now."""


@dataclass(frozen=True)
class Merge:
    """A curated table of all objects."""

    table: Table
    product: Product

    def affected(self, lake: Lake, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return changed[self.table.name]

    def recipe(self, lake: Lake, period: str) -> Recipe:
        """See Step."""
        files = lake.curated_files(self.table, period)
        if not files:
            return Recipe()

        def build() -> Built:
            frames = [lake.curated_rows(file, self.product, period) for file in files]
            merged = merge(self.product, frames)
            rows_in = sum(frame.height for frame in frames)
            counts = {"rows_in": rows_in, "repeated_across_objects": rows_in - merged.height}
            return Built(merged, counts)

        inputs = [Input("curated", file.key, file.sha256) for file in files]
        return Recipe(inputs, build=build)


@dataclass(frozen=True)
class Upstream:
    """A product that another one is made of, from so many periods `back` to so many `ahead`.

    Where a `required` one has no rows in the period itself, nor has the other. All columns are
    read, or `columns`.
    """

    product: Product
    back: int = 0
    ahead: int = 0
    required: bool = False
    columns: tuple[str, ...] | None = None

    def periods(self, period: str) -> list[str]:
        """The periods that go into a period of the product downstream."""
        return [shift(period, steps) for steps in range(-self.back, self.ahead + 1)]

    def reached(self, period: str) -> list[str]:
        """The periods downstream that a period goes into."""
        return [shift(period, steps) for steps in range(-self.ahead, self.back + 1)]


@dataclass(frozen=True)
class Window:
    """A product whose period depends on a window of periods of others.

    `build` takes a frame for each upstream, then the period if `takes_period`.
    """

    product: Product
    upstream: tuple[Upstream, ...]
    build: Callable[..., pl.DataFrame]
    takes_period: bool = False

    def affected(self, lake: Lake, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return {
            reached
            for entry in self.upstream
            for period in changed[entry.product.name]
            for reached in entry.reached(period)
        }

    def recipe(self, lake: Lake, period: str) -> Recipe:
        """See Step."""
        inputs = [
            part
            for entry in self.upstream
            for part in lake.partitions(entry.product, entry.periods(period))
        ]
        if not inputs or any(
            entry.required and lake.partition(entry.product, period) is None
            for entry in self.upstream
        ):
            return Recipe()

        def build() -> Built:
            frames = [
                lake.rows(entry.product, entry.periods(period), entry.columns)
                for entry in self.upstream
            ]
            return Built(self.build(*frames, *([period] if self.takes_period else [])))

        return Recipe(inputs, build=build)


@dataclass(frozen=True)
class DailyDemand:
    """demand_daily. Besides the month's sales it depends on two facts of the other months: which
    series began earlier, and the last day of the source. Both stand as parameters, not as inputs,
    so that a month changes only where they do."""

    product: Product = products.DEMAND_DAILY

    def affected(self, lake: Lake, changed: Affected) -> set[str]:
        """See Step."""
        sold = changed[products.PRODUCT_MONTHS.name]
        if not sold:
            return set()
        # A new last day also lengthens the month that was the last one before.
        first, last = _since(lake, products.PRODUCT_MONTHS, min(sold))
        made = (month for month in lake.existing(self.product) if month >= first)
        return {*made, *span(first, last)}

    def recipe(self, lake: Lake, period: str) -> Recipe:
        """See Step."""
        months = lake.periods(products.PRODUCT_MONTHS)
        if not months or not months[0] <= period <= months[-1]:
            return Recipe()
        last = lake.rows(products.PRODUCT_MONTHS, months[-1:], ("last_day",))["last_day"].max()
        if not isinstance(last, date):
            raise TypeError(f"product_months has no last_day in {months[-1]}")
        before = _series(lake, [month for month in months if month < period])
        parameters = {
            "through": min(last, end_day(period) - timedelta(days=1)).isoformat(),
            "series_before": hashlib.sha256(before.write_csv().encode()).hexdigest(),
        }

        def build() -> Built:
            orders = lake.rows(products.MERGED_ORDERS, [period])
            returned = lake.rows(products.MERGED_RETURNS, [period])
            return Built(demand_daily(orders, returned, before, period, last))

        inputs = [
            *lake.partitions(products.MERGED_ORDERS, [period]),
            *lake.partitions(products.MERGED_RETURNS, [period]),
        ]
        return Recipe(inputs, parameters, build)


def _since(lake: Lake, product: Product, period: str) -> tuple[str, str]:
    """The last period with rows before `period` (or that one if there is none), and the last."""
    periods = lake.periods(product)
    earlier = [entry for entry in periods if entry < period]
    return (earlier or [period])[-1], (periods or [""])[-1]


def _series(lake: Lake, months: Iterable[str]) -> pl.DataFrame:
    rows = lake.rows(products.PRODUCT_MONTHS, months, SERIES)
    return rows.unique().sort(SERIES)


@dataclass(frozen=True)
class Snapshots:
    """customer_features: at the first of each month from all the months before it."""

    product: Product = products.CUSTOMER_FEATURES

    def affected(self, lake: Lake, changed: Affected) -> set[str]:
        """See Step."""
        days = changed[products.CUSTOMER_DAYS.name]
        if not days:
            return set()
        # A later month also calls for the snapshots after months without any purchase.
        first, last = _since(lake, products.CUSTOMER_DAYS, min(days))
        made = (as_of for as_of in lake.existing(self.product) if as_of[:7] > first)
        return {*made, *(shift(month, 1) + "-01" for month in span(first, last))}

    def recipe(self, lake: Lake, period: str) -> Recipe:
        """See Step."""
        months = lake.periods(products.CUSTOMER_DAYS)
        earlier = [month for month in months if month < period[:7]]
        # One snapshot after the last month; further ones would say nothing new.
        if not earlier or period[:7] > shift(months[-1], 1):
            return Recipe()

        def build() -> Built:
            days = lake.rows(products.CUSTOMER_DAYS, earlier)
            return Built(customer_features(days, first_day(period)))

        return Recipe(lake.partitions(products.CUSTOMER_DAYS, earlier), build=build)


@dataclass(frozen=True)
class Facts:
    """copilot_facts: one file of all months."""

    product: Product = products.COPILOT_FACTS

    def affected(self, lake: Lake, changed: Affected) -> set[str]:  # noqa: ARG002 - part of the protocol
        """See Step."""
        return {""} if changed[products.PRODUCT_MONTHS.name] else set()

    def recipe(self, lake: Lake, period: str) -> Recipe:  # noqa: ARG002 - part of the protocol
        """See Step."""
        made_of = (products.COUNTRY_MONTHS, products.PRODUCT_MONTHS, products.CUSTOMER_DAYS)
        if not lake.periods(products.PRODUCT_MONTHS):
            return Recipe()

        def build() -> Built:
            countries, sold = (_with_month(lake, product) for product in made_of[:2])
            days = lake.rows(products.CUSTOMER_DAYS, lake.periods(products.CUSTOMER_DAYS))
            return Built(copilot_facts(countries, sold, days))

        inputs = [
            part for product in made_of for part in lake.partitions(product, lake.periods(product))
        ]
        return Recipe(inputs, build=build)


def _with_month(lake: Lake, product: Product) -> pl.DataFrame:
    return pl.concat(
        lake.rows(product, [month]).with_columns(pl.lit(month).alias("month"))
        for month in lake.periods(product)
    )


_SALES = (Upstream(products.MERGED_ORDERS), Upstream(products.MERGED_RETURNS))

STEPS: tuple[Step, ...] = (
    Merge(ORDERS, products.MERGED_ORDERS),
    Merge(RETURNS, products.MERGED_RETURNS),
    Merge(TRANSACTIONS, products.MERGED_TRANSACTIONS),
    Merge(MARKET_SERIES, products.MERGED_MARKET_SERIES),
    Merge(COUNTRY_INDICATORS, products.COUNTRY_YEARS),
    Window(products.PRODUCT_MONTHS, _SALES, product_months),
    DailyDemand(),
    Window(
        products.DEMAND_WEEKLY,
        (Upstream(products.DEMAND_DAILY, ahead=1),),
        demand_weekly,
        takes_period=True,
    ),
    Window(
        products.CUSTOMER_DAYS,
        (*_SALES, Upstream(products.MERGED_TRANSACTIONS)),
        customer_days,
    ),
    Snapshots(),
    Window(
        products.MATCHED_RETURNS,
        (
            Upstream(products.MERGED_RETURNS, required=True),
            Upstream(
                products.MERGED_ORDERS,
                back=returns.LOOKBACK_MONTHS,
                columns=returns.ORDER_COLUMNS,
            ),
        ),
        returns.matched_returns,
    ),
    Window(products.COUNTRY_MONTHS, _SALES, country_months),
    Facts(),
    Window(
        products.TRANSACTION_FEATURES,
        (Upstream(products.MERGED_TRANSACTIONS, back=payments.LOOKBACK_MONTHS, required=True),),
        payments.transaction_features,
        takes_period=True,
    ),
    Window(
        products.MARKET_PANEL,
        (Upstream(products.MERGED_MARKET_SERIES, back=1, required=True),),
        market_panel,
        takes_period=True,
    ),
)
"""Every product, after those that it is made of."""
