"""Forecasts that the batch made, read for an answer.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from datalake.contracts.insights import (
    DEMAND_BACKTESTS,
    DEMAND_FORECASTS,
    DEMAND_SERIES,
    InsightsTable,
)
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name
from datalake.storage import ObjectStorage
from demand_insights_engine import charts
from demand_insights_engine.demand_schemas import (
    Method,
    PastStep,
    Step,
    StoredBacktest,
    StoredForecast,
)
from demand_insights_engine.insights import read

_QUANTILES = tuple(quantile_name(level) for level in DEMAND_LEVELS)
_MEDIAN = quantile_name(0.5)


class SeveralCurrenciesError(Exception):
    """The source has the series in several currencies; the message names them."""


def forecast(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> StoredForecast | None:
    """The forecast of a series; None where there is none. Raises SeveralCurrenciesError."""
    facts = _facts(storage, bucket, source, level, name, currency)
    if facts is None:
        return None
    steps = [
        Step(
            step=row["step"],
            week=row["week"],
            mean=row["mean"],
            median=row[_MEDIAN],
            quantiles={quantile: row[quantile] for quantile in _QUANTILES},
            baseline=row["baseline"],
        )
        for row in _weeks(storage, bucket, DEMAND_FORECASTS, source, facts)
    ]
    return StoredForecast(
        **_named(facts, source),
        last_week=facts["last_week"],
        weeks=facts["weeks"],
        last_units=facts["last_units"],
        method=_method(facts),
        steps=steps,
        chart=charts.weeks(name, steps),
    )


def backtest(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> StoredBacktest | None:
    """The backtest of a series; None where there is none. Raises SeveralCurrenciesError."""
    facts = _facts(storage, bucket, source, level, name, currency)
    if facts is None:
        return None
    steps = [
        PastStep(**{name: row[name] for name in PastStep.model_fields})
        for row in _weeks(storage, bucket, DEMAND_BACKTESTS, source, facts)
    ]
    method = _method(facts)
    return StoredBacktest(
        **_named(facts, source),
        method=method,
        value_added=method.value_added,
        steps=steps,
        chart=charts.backtest(name, steps),
    )


def _facts(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> dict[str, Any] | None:
    series = read(storage, bucket, DEMAND_SERIES, source)
    if series is None:
        return None
    series = series.filter((pl.col("level") == level) & (pl.col("name") == name))
    if currency:
        series = series.filter(pl.col("currency") == currency)
    if series.height > 1:
        raise SeveralCurrenciesError(", ".join(sorted(series["currency"])))
    return series.row(0, named=True) if series.height else None


def _weeks(
    storage: ObjectStorage,
    bucket: str,
    table: InsightsTable,
    source: str,
    facts: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    rows = read(storage, bucket, table, source)
    if rows is not None:
        wanted = [pl.col(name) == facts[name] for name in ("level", "name", "currency")]
        yield from rows.filter(*wanted).sort("week").iter_rows(named=True)


def _named(facts: Mapping[str, Any], source: str) -> dict[str, Any]:
    names = ("level", "name", "currency", "model_version", "data_version")
    return {"source": source, **{name: facts[name] for name in names}}


def _method(facts: Mapping[str, Any]) -> Method:
    return Method(
        pattern=facts["pattern"],
        members=facts["members"].split(", "),
        is_baseline=facts["is_baseline"],
        error=facts["error"],
        baseline_error=facts["baseline_error"],
        warning=facts["warning"],
    )
