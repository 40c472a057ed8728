"""Contracts of the prod tables: what curated-to-prod makes of the curated ones, one by one.

Days and months are UTC. Amounts are exact decimals; features for models are Float64. A change in
how a table is computed raises its version too: that makes curated-to-prod compute it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from datalake.contracts import Column, PartitionedTable, Table
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)

AMOUNT = pl.Decimal(38, 4)

OFFERED_DAYS = 400
"""How long a product counts as offered after its last order or return: a line makes at most
OFFERED_DAYS + 1 days of demand."""

ACTIVE_MONTHS = 24
"""In how many snapshots a customer is after the month of a purchase."""

FACT_MONTHS = 60
"""Of how many months the copilot's facts are, up to the last one with sales."""


@dataclass(frozen=True)
class ProdTable(PartitionedTable):
    """A table of the prod bucket. `reader` is the system that it is made for; it has at most
    `growth` rows for each curated row that it is made of."""

    reader: str = "the other prod tables"
    growth: int = 1

    def _summary(self) -> str:
        rows = "1 row" if self.growth == 1 else f"{self.growth} rows"
        return f"{self.description} At most {rows} for a curated row. For {self.reader}."


def _merged(
    table: Table, key: tuple[str, ...], *others: str, description: str, partition: str = "month"
) -> ProdTable:
    return ProdTable(
        name=f"merged_{table.name}",
        version="1.0",
        columns=tuple(table[name] for name in (*key, *others)),
        key=key,
        description=description,
        partition=partition,
    )


_LINE_KEY = (
    "order_id",
    "product_id",
    "description",
    "quantity",
    "unit_price",
    "currency",
    "ordered_at",
    "customer_id",
    "country",
)

MERGED_ORDERS = _merged(
    ORDERS,
    _LINE_KEY,
    "line_type",
    "is_outlier",
    description="Order lines of all objects of a source; a line that several objects have, once.",
)
MERGED_RETURNS = _merged(
    RETURNS,
    (*_LINE_KEY, "is_cancellation"),
    "line_type",
    description="Credit note lines of all objects; a line that several objects have, once.",
)
MERGED_TRANSACTIONS = _merged(
    TRANSACTIONS,
    (
        "transaction_id",
        "customer_id",
        "terminal_id",
        "transacted_at",
        "amount",
        "currency",
        "quantity",
    ),
    "is_fraud",
    description="Payments of all objects; one that several objects have, once, and as fraud if any "
    "of them says so.",
)
MERGED_MARKET_SERIES = _merged(
    MARKET_SERIES,
    ("series_id", "frequency", "observed_on"),
    "value",
    "adjusted_value",
    "unit",
    description="Observations of all objects; where objects differ, that of the greatest key.",
    partition="year",
)


def _count(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name, pl.Int64(), description, unit, minimum=0)


def _amount(name: str, description: str) -> Column:
    return Column(name, AMOUNT, description, unit="major unit of `currency`", minimum=Decimal(0))


def _net(of: str = "revenue") -> Column:
    return Column(
        f"net_{of}", AMOUNT, f"`{of}` less `returned_amount`", unit="major unit of `currency`"
    )


def _days(count: int) -> str:
    return "day" if count == 1 else f"{count} days"


def _number(name: str, description: str, unit: str, *, nullable: bool = True) -> Column:
    return Column(name, pl.Float64(), description, unit, nullable=nullable, minimum=0.0)


def _day(name: str, description: str) -> Column:
    return Column(name, pl.Date(), description, unit="UTC day")


_PRODUCT_ID = ORDERS["product_id"]
_CURRENCY = ORDERS["currency"]
_CUSTOMER_ID = TRANSACTIONS["customer_id"]
_COUNTRY = ORDERS["country"]
_SALES = (
    _count("orders", "Invoices with the product"),
    _count("units", "Units ordered", "pieces"),
    _count("returned_units", "Units of credit notes written in the period", "pieces"),
    _amount("revenue", "Units ordered times their prices, before returns"),
    _amount("returned_amount", "Amount of credit notes written in the period"),
    _net(),
)
_PRICE = _number("unit_price", "Mean price of the units ordered", "major unit of `currency`")
_OUTLIERS = _count("outlier_units", "Those of `units` on lines flagged as outliers", "pieces")

MATCHED_RETURNS = ProdTable(
    name="matched_returns",
    version="1.0",
    reader="compliance-guardian",
    description="Credit note lines, each with the order line that it most likely takes back: the "
    "customer's latest of the same product at the same price, at or before it and at most 180 days "
    "earlier, in any object.",
    columns=(
        *MERGED_RETURNS.columns,
        Column(
            "matched_order_id",
            pl.String(),
            "Number of that order; null without a match or a customer",
            nullable=True,
        ),
        Column(
            "matched_ordered_at",
            pl.Datetime("us", "UTC"),
            "When it was ordered",
            unit="UTC, μs",
            nullable=True,
        ),
        Column(
            "matched_quantity",
            pl.Int64(),
            "Units ordered then; fewer than `quantity` where the return covers several lines",
            unit="pieces",
            nullable=True,
            minimum=1,
        ),
    ),
    key=MERGED_RETURNS.key,
)

PRODUCT_MONTHS = ProdTable(
    name="product_months",
    version="1.0",
    reader="demand-insights-engine and the other prod tables",
    description="What was ordered and returned of each product in a month; goods only.",
    columns=(
        _PRODUCT_ID,
        _CURRENCY,
        Column("description", pl.String(), "Latest product name", nullable=True),
        _day("first_day", "First day with an order or a return"),
        _day("last_day", "Last day with an order or a return"),
        *_SALES,
    ),
    key=("product_id", "currency"),
)

DEMAND_DAILY = ProdTable(
    name="demand_daily",
    growth=OFFERED_DAYS + 1,
    version="1.1",
    reader="demand-insights-engine",
    description="Demand per product and day: every day from an order or return of the product to "
    f"{OFFERED_DAYS} days after it, at most to the last day of the source, zeros where nothing was "
    "sold; goods only.",
    columns=(_PRODUCT_ID, _CURRENCY, _day("day", "Day"), *_SALES, _OUTLIERS, _PRICE),
    key=("product_id", "currency", "day"),
)

DEMAND_WEEKLY = ProdTable(
    name="demand_weekly",
    growth=59,
    version="1.0",
    reader="demand-insights-engine",
    description="Demand per product and week; the partition is the month of the week's Monday.",
    columns=(
        _PRODUCT_ID,
        _CURRENCY,
        _day("week", "Monday of the week"),
        Column(
            "days",
            pl.Int64(),
            "Days of the week that demand_daily has; under 7 in the first and the last week",
            unit="days",
            minimum=1,
            maximum=7,
        ),
        *_SALES,
        _OUTLIERS,
        _PRICE,
    ),
    key=("product_id", "currency", "week"),
)

CUSTOMER_DAYS = ProdTable(
    name="customer_days",
    version="1.0",
    reader="demand-insights-engine and the other prod tables",
    description="What each known customer bought and returned on a day; goods and payments.",
    columns=(
        _CUSTOMER_ID,
        _CURRENCY,
        _day("day", "Day"),
        Column("country", pl.String(), "Country of the day's last document", nullable=True),
        _count("orders", "Invoices and payments"),
        _count("units", "Units ordered or paid for; 0 where the source gives none", "pieces"),
        _count("returns", "Credit notes"),
        _amount("amount", "Amount ordered or paid"),
        _amount("returned_amount", "Amount of credit notes"),
    ),
    key=("customer_id", "currency", "day"),
)

CUSTOMER_FEATURES = ProdTable(
    name="customer_features",
    growth=ACTIVE_MONTHS,
    version="1.1",
    partition="as_of",
    reader="demand-insights-engine",
    description="Customers at the beginning of the day `as_of`, from earlier documents only: "
    "recency, frequency, monetary value, tenure and times between purchases. One snapshot "
    f"at the first of each month; customers with a purchase in the {ACTIVE_MONTHS} months before "
    "it only.",
    columns=(
        _CUSTOMER_ID,
        _CURRENCY,
        Column("country", pl.String(), "Latest known country", nullable=True),
        _day("first_day", "First purchase"),
        _day("last_day", "Latest purchase"),
        _count("tenure_days", "From the first purchase to `as_of`", "days"),
        _count("recency_days", "From the latest purchase to `as_of`", "days"),
        _count("purchase_days", "Distinct days with a purchase", "days"),
        _count("orders", "Purchases"),
        _count("units", "Units bought", "pieces"),
        _count("returns", "Credit notes"),
        _amount("amount", "Amount of all purchases"),
        _amount("returned_amount", "Amount of all credit notes"),
        _net("amount"),
        _number("mean_order_amount", "`amount` per purchase", "major unit of `currency`"),
        _number(
            "returns_rate", "`returned_amount` / `amount`; null if the divisor is 0", "fraction"
        ),
        _number("mean_gap_days", "Mean time between purchase days; null for a single one", "days"),
        _number("median_gap_days", "Their median", "days"),
        _number("std_gap_days", "Their standard deviation, of a sample; null under 2", "days"),
        _number("last_gap_days", "Time between the last two purchase days", "days"),
        *(
            column
            for days in (30, 90, 365)
            for column in (
                _count(f"orders_{days}d", f"Purchases in the {days} days before `as_of`"),
                _amount(f"amount_{days}d", f"Their amount in the {days} days before `as_of`"),
            )
        ),
    ),
    key=("customer_id", "currency"),
)

CUSTOMER_HISTORIES = ProdTable(
    name="customer_histories",
    growth=ACTIVE_MONTHS,
    version="1.1",
    is_internal=True,
    description="What is known of each customer at the end of a month with any customer_days: what "
    "it takes to make customer_features of the next month without the days before. Customers with "
    f"a purchase or a credit note in the last {ACTIVE_MONTHS} months only.",
    columns=(
        _CUSTOMER_ID,
        _CURRENCY,
        CUSTOMER_FEATURES["country"],
        replace(CUSTOMER_FEATURES["first_day"], nullable=True),
        replace(CUSTOMER_FEATURES["last_day"], nullable=True),
        _day("seen_on", "Latest purchase or credit note"),
        CUSTOMER_FEATURES["purchase_days"],
        Column(
            "gaps",
            pl.List(pl.Int64()),
            "Times between purchase days, in their order",
            unit="days",
        ),
        *(
            CUSTOMER_FEATURES[name]
            for name in ("orders", "units", "returns", "amount", "returned_amount")
        ),
    ),
    key=CUSTOMER_FEATURES.key,
)

FRAUD_WINDOWS = (1, 7, 30)
"""Lengths of the windows of transaction features, in days."""

FRAUD_DELAY = 7
"""Days after which the label of a payment counts as known."""

FRAUD_LABEL = "is_fraud"

_FRAUD_FEATURES = (
    Column("is_weekend", pl.Boolean(), "Saturday or Sunday, UTC"),
    Column("is_night", pl.Boolean(), "Before 07:00 UTC"),
    *(
        column
        for days in FRAUD_WINDOWS
        for column in (
            Column(
                f"customer_count_{days}d",
                pl.Int64(),
                f"Payments of the customer in the {_days(days)} up to and including this one",
                minimum=1,
            ),
            _number(
                f"customer_mean_amount_{days}d",
                "Their mean amount",
                "major unit of `currency`",
                nullable=False,
            ),
        )
    ),
    *(
        column
        for days in FRAUD_WINDOWS
        for column in (
            Column(
                f"terminal_count_{days}d",
                pl.Int64(),
                f"Payments at the terminal in the {_days(days)} ending {FRAUD_DELAY} days before "
                "this payment; null without a terminal",
                nullable=True,
                minimum=0,
            ),
            Column(
                f"terminal_fraud_risk_{days}d",
                pl.Float64(),
                "Share of fraud among them, 0 if there are none; null without a terminal",
                unit="fraction",
                nullable=True,
                minimum=0.0,
                maximum=1.0,
            ),
        )
    ),
)
FRAUD_FEATURES = ("amount", *(column.name for column in _FRAUD_FEATURES))
"""The columns of transaction_features that a model may use as inputs."""

TRANSACTION_FEATURES = ProdTable(
    name="transaction_features",
    version="1.0",
    reader="compliance-guardian",
    description="Payments with the features of the Fraud Detection Handbook (Le Borgne, Siblini, "
    "Lebichot, Bontempi, 2022, chapter 3). The label stands apart: it is what is to be predicted, "
    "and enters the features of later payments only, after 7 days. A window includes its end and "
    "excludes its beginning; payments of the same instant count.",
    columns=(
        *(TRANSACTIONS[name] for name in MERGED_TRANSACTIONS.key),
        *_FRAUD_FEATURES,
        TRANSACTIONS[FRAUD_LABEL],
    ),
    key=MERGED_TRANSACTIONS.key,
)

MARKET_PANEL = ProdTable(
    name="market_panel",
    growth=8,
    version="1.0",
    partition="year",
    reader="market-intelligence-hub",
    description="Series on the days on which any daily series of the source has an observation. A "
    "daily series that lacks one keeps its last value for up to 7 days; others stand as they are.",
    columns=(
        MARKET_SERIES["series_id"],
        MARKET_SERIES["frequency"],
        MARKET_SERIES["observed_on"],
        Column("value", pl.Float64(), "Adjusted value, or the value if there is none", "`unit`"),
        Column("is_observed", pl.Boolean(), "False for a value kept from an earlier day"),
        Column(
            "simple_return",
            pl.Float64(),
            "Value / last observation - 1; null where not observed, where one of them is not "
            "positive, without an observation in this or the last year, or where the quotient is "
            "beyond Float64",
            unit="fraction",
            nullable=True,
        ),
        Column(
            "log_return",
            pl.Float64(),
            "ln(value / last observation); null where `simple_return` is",
            nullable=True,
        ),
        MARKET_SERIES["unit"],
    ),
    key=MERGED_MARKET_SERIES.key,
)

COUNTRY_MONTHS = ProdTable(
    name="country_months",
    version="1.0",
    reader="global-market-pulse",
    description="Orders, customers and returns per country in a month; goods only.",
    columns=(
        _COUNTRY,
        _CURRENCY,
        _count("orders", "Invoices"),
        _count("customers", "Known customers with an order"),
        _count("units", "Units ordered", "pieces"),
        _count("returns", "Credit notes"),
        _count("returned_units", "Units of credit notes written in the month", "pieces"),
        _amount("revenue", "Units ordered times their prices, before returns"),
        _amount("returned_amount", "Amount of credit notes written in the month"),
        _net(),
        _number(
            "returns_rate", "`returned_amount` / `revenue`; null if the divisor is 0", "fraction"
        ),
    ),
    key=("country", "currency"),
)

COUNTRY_YEARS = ProdTable(
    name="country_years",
    version="1.0",
    partition="",
    reader="global-market-pulse",
    description="Indicators of countries in a year, of all objects; where objects differ, those of "
    "the greatest key.",
    columns=tuple(
        COUNTRY_INDICATORS[name]
        for name in (
            "country",
            "year",
            "population",
            "life_expectancy",
            "fertility",
            "gdp_per_capita",
        )
    ),
    key=("country", "year"),
)

COPILOT_FACTS = ProdTable(
    name="copilot_facts",
    growth=32,
    version="1.1",
    partition="",
    file_format="jsonl",
    reader="retail-copilot",
    description="Key figures of a shop as JSON Lines, one fact a line: totals, months, and the "
    f"20 first products and countries; goods only, of the last {FACT_MONTHS} months at most.",
    columns=(
        Column(
            "dimension",
            pl.String(),
            "What the fact is about",
            allowed=("total", "month", "product", "country"),
        ),
        Column("member", pl.String(), "Month, product code or country; `all` for totals"),
        Column("label", pl.String(), "Name of the member for people"),
        Column("metric", pl.String(), "Figure, as the column of that name of other prod tables"),
        _CURRENCY,
        Column("rank", pl.Int64(), "Place by revenue", nullable=True, minimum=1),
        Column("value", pl.Float64(), "Value"),
        Column("unit", pl.String(), "Unit of the value"),
        _day("first_day", "First day that the fact covers"),
        _day("last_day", "Last day that it covers"),
    ),
    key=("dimension", "member", "metric", "currency"),
)

PROD_TABLES = (
    DEMAND_DAILY,
    DEMAND_WEEKLY,
    PRODUCT_MONTHS,
    CUSTOMER_FEATURES,
    CUSTOMER_DAYS,
    TRANSACTION_FEATURES,
    MATCHED_RETURNS,
    MARKET_PANEL,
    COUNTRY_MONTHS,
    COUNTRY_YEARS,
    COPILOT_FACTS,
    MERGED_ORDERS,
    MERGED_RETURNS,
    MERGED_TRANSACTIONS,
    MERGED_MARKET_SERIES,
)
