"""From what customers bought to the rows of the insights tables, a currency at a time.

Everything is fitted on the source's own customers, deterministically. It imports xgboost through
churn, so only the batch imports this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from datalake.contracts.insights import (
    CUSTOMER_CARDS,
    CUSTOMER_COHORTS,
    CUSTOMER_MODELS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_SEGMENTS,
    VERSION_COLUMNS,
    InsightsTable,
)
from demand_insights_engine.customers import bgnbd, churn, cohorts, gamma_gamma, intervals
from demand_insights_engine.customers.likelihood import Fit, FitError, Sample, bootstrap
from demand_insights_engine.customers.recommendations import recommend
from demand_insights_engine.customers.segments import Segmentation, segment
from demand_insights_engine.customers.transactions import (
    DAYS_A_WEEK,
    Floats,
    Histories,
    histories,
    purchase_days,
)

HORIZON_DAYS = churn.HORIZON_DAYS

_REPLICATES = 50
_SEED = 1
_WEEKS = HORIZON_DAYS / DAYS_A_WEEK


@dataclass
class _Figures:
    """Columns of cards by name, nothing where the data do not tell, what to say of all, and the
    rows of the models."""

    columns: dict[str, Floats]
    warnings: list[str]
    models: list[dict[str, object]]


def tables(
    days: pl.DataFrame, bought: pl.DataFrame, as_of: date
) -> Mapping[InsightsTable, pl.DataFrame]:
    """The rows of CUSTOMER_TABLES without versions, as of the beginning of a day.

    `days` has the columns of the prod table customer_days, `bought` has `customer_id`,
    `product_id` and `day` of each purchase. Raises TransactionsError.
    """
    cards, models, segments, retention = [], [], [], []
    for currency, part in _by_currency(days):
        known = histories(part, as_of)
        if not len(known):
            continue
        found = segment(known)
        named = pl.lit(currency).alias("currency")
        figures = _figures(part, known)
        cards.append(_cards(part, figures, known, found).with_columns(named))
        if figures.models:
            models.append(pl.DataFrame(figures.models).with_columns(named))
        segments.append(_segments(known, found).with_columns(named))
        retention.append(cohorts.retention(part, as_of).with_columns(named))
    return {
        CUSTOMER_MODELS: _typed(CUSTOMER_MODELS, models),
        CUSTOMER_SEGMENTS: _typed(CUSTOMER_SEGMENTS, segments),
        CUSTOMER_COHORTS: _typed(CUSTOMER_COHORTS, retention),
        CUSTOMER_RECOMMENDATIONS: _typed(CUSTOMER_RECOMMENDATIONS, [recommend(bought, as_of)]),
        CUSTOMER_CARDS: _typed(CUSTOMER_CARDS, cards),
    }


def _by_currency(days: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for currency in days["currency"].unique().sort():
        yield currency, days.filter(pl.col("currency") == currency)


def _typed(table: InsightsTable, parts: list[pl.DataFrame]) -> pl.DataFrame:
    versions = {column.name for column in VERSION_COLUMNS}
    schema = {name: dtype for name, dtype in table.schema.items() if name not in versions}
    if not parts:
        return pl.DataFrame(schema=schema)
    rows = pl.concat(parts).select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    return rows.sort(table.key)


def _cards(
    days: pl.DataFrame, figures: _Figures, known: Histories, found: Segmentation
) -> pl.DataFrame:
    columns = {
        name: figures.columns.get(name, np.full(len(known), np.nan))
        for name in CUSTOMER_CARDS.schema
        if name.startswith(("p_active", "purchases", "mean_amount", "spend", "p_leaves"))
    }
    return pl.DataFrame(
        {
            "customer_id": known.customer_id,
            "as_of": [known.as_of] * len(known),
            "first_day": known.first_day,
            "last_day": known.last_day,
            "purchase_days": known.frequency + 1,
            "purchased_on": _purchased_on(days, known),
            "amount": known.amount,
            "returned_amount": known.returned_amount,
            "segment": list(map(str, found.segment)),
            "recency_score": found.recency,
            "frequency_score": found.frequency,
            "monetary_score": found.monetary,
            "horizon_days": [HORIZON_DAYS] * len(known),
            **{name: np.where(np.isfinite(v), v, np.nan) for name, v in columns.items()},
            "warnings": [
                figures.warnings + _warnings(frequency, net)
                for frequency, net in zip(
                    known.frequency, known.amount - known.returned_amount, strict=True
                )
            ],
        },
        schema_overrides={"warnings": pl.List(pl.String)},
    ).with_columns(pl.col(list(columns)).fill_nan(None))


def _purchased_on(days: pl.DataFrame, known: Histories) -> pl.Series:
    """The days of each customer's purchases, in order."""
    bought = purchase_days(days, known.as_of)
    return bought.group_by("customer_id", maintain_order=True).agg("day")["day"]


def _warnings(frequency: float, net: float) -> list[str]:
    found = []
    if frequency == 0:
        found.append("bought on one day only: the forecasts are those of other customers")
    if net <= 0:
        found.append("has returned as much as was bought")
    return found


def _figures(days: pl.DataFrame, known: Histories) -> _Figures:
    found = _Figures({}, [], [])
    try:
        sample = bgnbd.sample(known)
    except FitError as error:
        found.warnings.append(f"no forecast of purchases: {error}")
    else:
        _forecasts(known, sample, found)
    try:
        model = churn.train(days, known.as_of)
    except churn.ChurnError as error:
        found.warnings.append(f"no probability to leave: {error}")
    else:
        probability = model.probabilities(churn.features(days, known.as_of))
        lower, upper = model.interval(probability)
        _add(found, "p_leaves", probability, lower, upper)
    return found


def _forecasts(known: Histories, sample: Sample, found: _Figures) -> None:
    fit = bgnbd.fit(sample)
    if {"a", "b"} & set(fit.unbounded):
        found.warnings.append(
            "when customers leave does not show in their purchases: see the probability to leave"
        )
    models = bootstrap(fit, bgnbd.log_likelihood, sample, replicates=_REPLICATES, seed=_SEED)
    found.models += _models("BG/NBD", fit, known, models)
    amounts = None
    try:
        fitted = gamma_gamma.fit(gamma_gamma.sample(known))
    except FitError as error:
        found.warnings.append(f"no forecast of amounts: {error}")
    else:
        amounts = fitted.model
        found.models += _models("Gamma-Gamma", fitted, known, [])
    purchases, spend = intervals.purchases_and_spend(models, amounts, known, _WEEKS, seed=_SEED)
    active = intervals.active(models, known)
    _add(found, "p_active", bgnbd.p_alive(fit.model, known), active.lower, active.upper)
    expected = bgnbd.expected_purchases(fit.model, known, _WEEKS)
    _add(found, "purchases", expected, purchases.lower, purchases.upper)
    if amounts is not None and spend is not None:
        amount = gamma_gamma.expected_amount(amounts, known)
        bounds = gamma_gamma.amount_interval(amounts, known, intervals.LEVEL)
        _add(found, "mean_amount", amount, *bounds)
        _add(found, "spend", expected * amount, spend.lower, spend.upper)


def _models(
    name: str, fit: Fit[Any], known: Histories, replicates: list[Any]
) -> list[dict[str, object]]:
    tail = (1 - intervals.LEVEL) / 2
    rows: list[dict[str, object]] = []
    for parameter, value in asdict(fit.model).items():
        values = [getattr(model, parameter) for model in replicates]
        lower, upper = np.quantile(values, (tail, 1 - tail)) if values else (None, None)
        rows.append(
            {
                "model": name,
                "parameter": parameter,
                "as_of": known.as_of,
                "value": value,
                "lower": lower,
                "upper": upper,
                "is_told": parameter not in fit.unbounded,
                "customers": fit.customers,
                "log_likelihood": float(fit.log_likelihood),
            }
        )
    return rows


def _add(found: _Figures, name: str, value: Floats, lower: Floats, upper: Floats) -> None:
    """Add a figure with its interval, widened to hold it: the mean of rare purchases lies above the
    counts that nearly all such customers have."""
    bounds = np.minimum(lower, value), np.maximum(upper, value)
    found.columns |= {name: value, f"{name}_lower": bounds[0], f"{name}_upper": bounds[1]}


def _segments(known: Histories, found: Segmentation) -> pl.DataFrame:
    quintiles = found.thresholds
    return (
        pl.DataFrame(
            {
                "segment": list(map(str, found.segment)),
                "net": known.amount - known.returned_amount,
                "recency_days": (known.age - known.recency) * DAYS_A_WEEK,
                "purchase_days": known.frequency + 1,
            }
        )
        .group_by("segment", maintain_order=True)
        .agg(
            pl.len().alias("customers"),
            (pl.len() / len(known)).alias("share"),
            pl.col("net").sum().alias("net_amount"),
            pl.col("recency_days").median().round(6).alias("median_recency_days"),
            pl.col("purchase_days").median().alias("median_purchase_days"),
        )
        .with_columns(
            pl.lit(known.as_of).alias("as_of"),
            *(
                pl.lit(pl.Series([list(values)])).first().alias(f"{name}_quintiles")
                for name, values in (
                    ("recency", quintiles.recency_days),
                    ("frequency", quintiles.frequency),
                    ("monetary", quintiles.monetary),
                )
            ),
        )
    )
