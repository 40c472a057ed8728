"""Each customer's history, and forecasts of the next days.

A purchase is a day with an order that was not wholly given back on the same day.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable
from datalake.contracts.prod import CUSTOMER_DAYS

_SYSTEM = "demand-insights-engine"
_COUNT = pl.Int64()
_MONEY = "major unit of `currency`"


class CustomerSegment(StrEnum):
    """Names of segments by recency, frequency and monetary value."""

    CHAMPION = "champion"
    LOYAL = "loyal"
    POTENTIAL_LOYALIST = "potential loyalist"
    RECENT = "recent"
    PROMISING = "promising"
    NEEDS_ATTENTION = "needs attention"
    ABOUT_TO_SLEEP = "about to sleep"
    AT_RISK = "at risk"
    CANNOT_LOSE_THEM = "cannot lose them"
    HIBERNATING = "hibernating"
    LOST = "lost"


_CUSTOMER_ID, _CURRENCY = CUSTOMER_DAYS["customer_id"], CUSTOMER_DAYS["currency"]
_AS_OF = Column("as_of", pl.Date(), "Only what was before this day is known", unit="UTC day")
_SEGMENT = Column(
    "segment", pl.String(), "Name of the segment", allowed=tuple(map(str, CustomerSegment))
)


def _count(name: str, description: str, unit: str | None = None, minimum: int = 0) -> Column:
    return Column(name, _COUNT, description, unit, minimum=minimum)


def _number(name: str, description: str, unit: str, *, nullable: bool = False) -> Column:
    return Column(name, pl.Float64(), description, unit, nullable=nullable, minimum=0.0)


def _share(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, pl.Float64(), description, nullable=nullable, minimum=0.0, maximum=1.0)


def _score(name: str, description: str) -> Column:
    return Column(name, _COUNT, description, minimum=1, maximum=5)


def _figure(name: str, description: str, unit: str) -> tuple[Column, ...]:
    return (
        _number(name, f"{description}; null where the data do not tell", unit, nullable=True),
        _number(f"{name}_lower", "Lower bound of its 90 % interval", unit, nullable=True),
        _number(f"{name}_upper", "Upper bound of its 90 % interval", unit, nullable=True),
    )


def _probability(name: str, description: str, level: int) -> tuple[Column, ...]:
    said = f"{description}; null where the data do not tell"
    return (
        _share(name, said, nullable=True),
        _share(f"{name}_lower", f"Lower bound of its {level} % interval", nullable=True),
        _share(f"{name}_upper", f"Upper bound of its {level} % interval", nullable=True),
    )


CUSTOMER_CARDS = InsightsTable(
    name="customer_cards",
    version="1.0",
    system=_SYSTEM,
    description="Each customer's history as of a day, and forecasts of the next days. "
    "Intervals hold the uncertainty of the models and, of purchases and spend, chance too.",
    partition="",
    columns=(
        _CUSTOMER_ID,
        _CURRENCY,
        _AS_OF,
        Column("first_day", pl.Date(), "First purchase", unit="UTC day"),
        Column("last_day", pl.Date(), "Latest purchase", unit="UTC day"),
        _count("purchase_days", "Days with a purchase, which all figures rest on", "days", 1),
        Column("purchased_on", pl.List(pl.Date()), "These days, in order", unit="UTC day"),
        _number("amount", "Amount of all purchases", _MONEY),
        _number("returned_amount", "Amount of all returns", _MONEY),
        _SEGMENT,
        _score("recency_score", "5 for the fifth that bought last"),
        _score("frequency_score", "5 for the fifth that buys most often"),
        _score("monetary_score", "5 for the fifth that spends most, less returns"),
        _count("horizon_days", "Of how many days from `as_of` on forecasts are", "days", 1),
        *_probability("p_active", "Probability that the customer still buys (BG/NBD)", 90),
        *_figure("purchases", "Expected days with a purchase (BG/NBD)", "days"),
        *_figure("mean_amount", "Expected amount of such a day (Gamma-Gamma)", _MONEY),
        *_figure("spend", "Expected amount of all such days", _MONEY),
        *_probability("p_leaves", "Probability of no purchase (gradient boosting)", 95),
        Column("warnings", pl.List(pl.String()), "What the figures cannot rest on"),
        *VERSION_COLUMNS,
    ),
    key=("customer_id", "currency"),
)

CUSTOMER_SEGMENTS = InsightsTable(
    name="customer_segments",
    version="1.0",
    system=_SYSTEM,
    description="Segments of customers by recency, frequency and monetary value, with the "
    "quintiles of all customers that scores come from.",
    partition="",
    columns=(
        _CURRENCY,
        _SEGMENT,
        _AS_OF,
        _count("customers", "Customers in the segment", minimum=1),
        _share("share", "Share of all customers"),
        Column("net_amount", pl.Float64(), "Amount less returns of the segment", _MONEY),
        _number("median_recency_days", "Median time since the latest purchase", "days"),
        _number("median_purchase_days", "Median of days with a purchase", "days"),
        *(
            Column(f"{name}_quintiles", pl.List(pl.Float64()), f"Quintiles of {text}, four", unit)
            for name, text, unit in (
                ("recency", "the time since the latest purchase", "days"),
                ("frequency", "days with a purchase", "days"),
                ("monetary", "amount less returns", _MONEY),
            )
        ),
        *VERSION_COLUMNS,
    ),
    key=("currency", "segment"),
)

CUSTOMER_COHORTS = InsightsTable(
    name="customer_cohorts",
    version="1.0",
    system=_SYSTEM,
    description="What share of the customers won in a month buys in each later month that is over.",
    partition="",
    columns=(
        _CURRENCY,
        Column("cohort", pl.String(), "Month of the first purchase", pattern="[0-9]{4}-[0-9]{2}"),
        _count("months_since", "Months since then", "months"),
        _count("customers", "Customers of the cohort", minimum=1),
        _count("active", "Those who bought in the month"),
        _share("retention", "Their share"),
        _share("lower", "Lower bound of its 95 % interval (Wilson)"),
        _share("upper", "Upper bound of its 95 % interval (Wilson)"),
        Column("is_first", pl.Boolean(), "The source's first month: some were won before it"),
        *VERSION_COLUMNS,
    ),
    key=("currency", "cohort", "months_since"),
)

CUSTOMER_RECOMMENDATIONS = InsightsTable(
    name="customer_recommendations",
    version="1.0",
    system=_SYSTEM,
    description="Products that a customer has not bought, and that buyers of the customer's "
    "products bought more often than chance explains (G-test, false discovery rate 1 %).",
    partition="",
    columns=(
        _CUSTOMER_ID,
        _count("rank", "Place among the customer's recommendations, from 1", minimum=1),
        Column("product_id", pl.String(), "Recommended product"),
        Column("score", pl.Float64(), "Sum of cosines with the customer's products", above=0.0),
        Column("because_of", pl.String(), "The customer's product that speaks most for it"),
        _number("lift", "Buyers of both, by what chance explains", "1"),
        _count("together", "Customers who bought both", minimum=1),
        _share("p_value", "Of the pair, by the G-test"),
        _count("products_bought", "Products of the customer that it rests on", minimum=1),
        *VERSION_COLUMNS,
    ),
    key=("customer_id", "rank"),
)

CUSTOMER_MODELS = InsightsTable(
    name="customer_models",
    version="1.0",
    system=_SYSTEM,
    description="Parameters of the models that customers' forecasts come from.",
    partition="",
    columns=(
        _CURRENCY,
        Column("model", pl.String(), "Model", allowed=("BG/NBD", "Gamma-Gamma")),
        Column("parameter", pl.String(), "Its name in the paper; times are in weeks"),
        _AS_OF,
        Column("value", pl.Float64(), "Of greatest likelihood", above=0.0),
        _number("lower", "Lower bound of its 90 % interval (bootstrap)", "1", nullable=True),
        _number("upper", "Upper bound of its 90 % interval (bootstrap)", "1", nullable=True),
        Column("is_told", pl.Boolean(), "False if it grew or shrank without end"),
        _count("customers", "Customers that it is fitted to", minimum=1),
        Column("log_likelihood", pl.Float64(), "Of all these customers"),
        *VERSION_COLUMNS,
    ),
    key=("currency", "model", "parameter"),
)

CUSTOMER_TABLES = (
    CUSTOMER_MODELS,
    CUSTOMER_SEGMENTS,
    CUSTOMER_COHORTS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_CARDS,
)
"""In the order in which they are written: where cards are, the others are too."""
