"""Forecasts that the batch made, read for an answer.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from datalake.contracts.insights import (
    DEMAND_BACKTESTS,
    DEMAND_DAYS,
    DEMAND_FORECASTS,
    DEMAND_SERIES,
    InsightsTable,
)
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name
from datalake.storage import ObjectStorage
from demand_insights_engine import charts
from demand_insights_engine.demand_schemas import (
    Components,
    DailyForecast,
    Method,
    PastStep,
    Step,
    StoredBacktest,
    StoredForecast,
)
from demand_insights_engine.insights import read
from demand_insights_engine.stored import SeveralCurrenciesError

_QUANTILES = tuple(quantile_name(level) for level in DEMAND_LEVELS)
_MEDIAN = quantile_name(0.5)


def forecast(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> StoredForecast | None:
    """The forecast of a series; None where there is none. Raises SeveralCurrenciesError."""
    facts = series_facts(storage, bucket, source, level, name, currency)
    if facts is None:
        return None
    rows = list(weeks(storage, bucket, DEMAND_FORECASTS, source, facts))
    steps = [_step(row, week=row["week"]) for row in rows]
    return StoredForecast(
        **_named(facts, source),
        last_week=facts["last_week"],
        weeks=facts["weeks"],
        last_units=facts["last_units"],
        method=_method(facts),
        components=Components(
            level=facts["smoothed_level"],
            trend=facts["trend"],
            last_error=facts["last_error"],
            season=[row["season"] for row in rows],
        ),
        steps=steps,
        chart=charts.weeks(name, steps),
    )


def backtest(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> StoredBacktest | None:
    """The backtest of a series; None where there is none. Raises SeveralCurrenciesError."""
    facts = series_facts(storage, bucket, source, level, name, currency)
    if facts is None:
        return None
    steps = [
        PastStep(**{name: row[name] for name in PastStep.model_fields})
        for row in weeks(storage, bucket, DEMAND_BACKTESTS, source, facts)
    ]
    method = _method(facts)
    return StoredBacktest(
        **_named(facts, source),
        method=method,
        value_added=method.value_added,
        steps=steps,
        chart=charts.backtest(name, steps),
    )


def days(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> DailyForecast | None:
    """The daily forecast of a series; None where there is none. Raises SeveralCurrenciesError."""
    rows = read(storage, bucket, DEMAND_DAYS, source)
    if rows is None:
        return None
    rows = rows.filter((pl.col("level") == level) & (pl.col("name") == name))
    rows = of_currency(rows, currency).sort("day")
    if rows.is_empty():
        return None
    facts = rows.row(0, named=True)
    steps = [_step(row, day=row["day"]) for row in rows.iter_rows(named=True)]
    return DailyForecast(
        **_named(facts, source),
        members=facts["members"].split(", "),
        steps=steps,
        chart=charts.days(name, steps),
    )


def series_facts(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> dict[str, Any] | None:
    """The row of DEMAND_SERIES; None where there is none. Raises SeveralCurrenciesError."""
    series = read(storage, bucket, DEMAND_SERIES, source)
    if series is None:
        return None
    series = of_currency(
        series.filter((pl.col("level") == level) & (pl.col("name") == name)), currency
    )
    return series.row(0, named=True) if series.height else None


def of_currency(rows: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The rows of a currency. Raises SeveralCurrenciesError where it is not given, and they are in
    several."""
    if currency:
        return rows.filter(pl.col("currency") == currency)
    found = rows["currency"].unique().sort()
    if found.len() > 1:
        raise SeveralCurrenciesError(", ".join(found))
    return rows


def weeks(
    storage: ObjectStorage,
    bucket: str,
    table: InsightsTable,
    source: str,
    facts: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """The rows of a table about a series, in order of weeks."""
    rows = read(storage, bucket, table, source)
    if rows is not None:
        wanted = [pl.col(name) == facts[name] for name in ("level", "name", "currency")]
        yield from rows.filter(*wanted).sort("week").iter_rows(named=True)


def _step(row: Mapping[str, Any], **when: date) -> Step:
    return Step(
        **when,
        step=row["step"],
        mean=row["mean"],
        median=row[_MEDIAN],
        quantiles={quantile: row[quantile] for quantile in _QUANTILES},
        baseline=row["baseline"],
    )


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
