"""What the batch wrote, read for an answer.

The import of polars takes a quarter of a second, so the API imports this module only where it reads
a table.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES, InsightsTable
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name
from datalake.files import decode
from datalake.layout import Partition
from datalake.storage import ObjectNotFoundError, ObjectStorage
from demand_insights_engine import charts
from demand_insights_engine.demand_schemas import Method, Step, StoredForecast

_QUANTILES = tuple(quantile_name(level) for level in DEMAND_LEVELS)
_MEDIAN = quantile_name(0.5)


class SeveralCurrenciesError(Exception):
    """The source has the series in several currencies; the message names them."""


def forecast(
    storage: ObjectStorage, bucket: str, source: str, level: str, name: str, currency: str | None
) -> StoredForecast | None:
    """The forecast of a series; None where there is none. Raises SeveralCurrenciesError."""
    wanted = (pl.col("level") == level) & (pl.col("name") == name)
    if currency:
        wanted &= pl.col("currency") == currency
    series = _rows(storage, bucket, DEMAND_SERIES, source, wanted)
    if series is None or series.is_empty():
        return None
    if series.height > 1:
        raise SeveralCurrenciesError(", ".join(sorted(series["currency"])))
    facts = series.row(0, named=True)
    found = _rows(storage, bucket, DEMAND_FORECASTS, source, wanted)
    if found is None:
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
        for row in found.sort("week").iter_rows(named=True)
    ]
    return StoredForecast(
        source=source,
        level=level,
        name=name,
        currency=facts["currency"],
        model_version=facts["model_version"],
        data_version=facts["data_version"],
        last_week=facts["last_week"],
        weeks=facts["weeks"],
        last_units=facts["last_units"],
        method=Method(
            pattern=facts["pattern"],
            members=facts["members"].split(", "),
            is_baseline=facts["is_baseline"],
            error=facts["error"],
            baseline_error=facts["baseline_error"],
            warning=facts["warning"],
        ),
        steps=steps,
        chart=charts.weeks(name, steps),
    )


def _rows(
    storage: ObjectStorage, bucket: str, table: InsightsTable, source: str, wanted: pl.Expr
) -> pl.DataFrame | None:
    try:
        content = storage.get(bucket, Partition(table, source).data_key).body
    except ObjectNotFoundError:
        return None
    return decode(table, content).filter(wanted)
