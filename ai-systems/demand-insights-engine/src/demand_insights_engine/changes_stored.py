"""Unusual weeks and movers that the batch found, read for an answer.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import DEMAND_ANOMALIES, DEMAND_MOVERS, DEMAND_SERIES
from datalake.storage import ObjectStorage
from demand_insights_engine import changes_charts
from demand_insights_engine.changes_schemas import Anomalies, Anomaly, Mover, Movers, Part
from demand_insights_engine.demand_stored import of_currency
from demand_insights_engine.insights import read

_OF_TOTAL = (
    "currency",
    "model_version",
    "data_version",
    "week",
    "units",
    "usual_units",
    "change",
)


def anomalies(
    storage: ObjectStorage,
    bucket: str,
    *,
    source: str,
    level: str | None,
    name: str | None,
    currency: str | None,
    limit: int,
) -> Anomalies | None:
    """The strongest unusual weeks; None where the batch knows no such series."""
    wanted = {"level": level, "name": name, "currency": currency}
    named = [pl.col(column) == value for column, value in wanted.items() if value is not None]
    series = read(storage, bucket, DEMAND_SERIES, source)
    rows = read(storage, bucket, DEMAND_ANOMALIES, source)
    if series is None or rows is None or (series := series.filter(*named)).is_empty():
        return None
    rows = rows.filter(*named)
    strongest = rows.sort(
        -pl.col("score").abs(), pl.col("week"), "level", "name", "currency", maintain_order=True
    )
    found = [
        Anomaly(**{column: row[column] for column in Anomaly.model_fields})
        for row in strongest.head(limit).iter_rows(named=True)
    ]
    return Anomalies(
        source=source,
        model_version=series["model_version"][0],
        data_version=series["data_version"][0],
        found=rows.height,
        anomalies=found,
        chart=changes_charts.anomalies(found),
    )


def movers(
    storage: ObjectStorage,
    bucket: str,
    *,
    source: str,
    level: str,
    currency: str | None,
    limit: int,
) -> Movers | None:
    """What changed in the last full week; None where it is not known. Raises
    SeveralCurrenciesError."""
    rows = read(storage, bucket, DEMAND_MOVERS, source)
    if rows is None or (rows := of_currency(rows, currency)).is_empty():
        return None
    total = rows.row(by_predicate=pl.col("level") == "total", named=True)
    known = rows.filter(pl.col("level") == level, pl.col("ratio").is_not_null())
    risers = known.filter(pl.col("ratio") > 1).sort(
        ~pl.col("is_significant"), -pl.col("lower"), "name"
    )
    fallers = known.filter(pl.col("ratio") < 1).sort(
        ~pl.col("is_significant"), pl.col("upper"), "name"
    )
    products = _parts(rows, "product", total["change"], limit)
    return Movers(
        **{column: total[column] for column in _OF_TOTAL},
        source=source,
        risers=_movers(risers, limit),
        fallers=_movers(fallers, limit),
        groups=_parts(rows, "group", total["change"], rows.height),
        products=products,
        chart=changes_charts.parts(products),
    )


def _movers(rows: pl.DataFrame, limit: int) -> list[Mover]:
    return [
        Mover(**{column: row[column] for column in Mover.model_fields})
        for row in rows.head(limit).iter_rows(named=True)
    ]


def _parts(rows: pl.DataFrame, level: str, change: float, limit: int) -> list[Part]:
    """The greatest changes of a level, and one of all others, so that they add up to the total."""
    parts = rows.filter(pl.col("level") == level).sort(-pl.col("change").abs(), "name")
    shown = parts.head(limit)
    found = [
        Part(**{column: row[column] for column in Part.model_fields})
        for row in shown.iter_rows(named=True)
    ]
    if parts.height > shown.height:
        found.append(_others(change - sum(part.change for part in found), change))
    return found


def _others(rest: float, change: float) -> Part:
    return Part(name=None, change=rest, share=rest / change if change else None)
