"""The insights table: what the batch writes and the API reads.

It moves to datalake.contracts.insights when another function reads it. The import of polars takes
a quarter of a second, so the API imports this module only where it reads the table.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights import VERSION_COLUMNS, InsightsTable
from datalake.contracts.prod import DEMAND_WEEKLY
from datalake.files import decode
from datalake.layout import Partition
from datalake.storage import ObjectNotFoundError, ObjectStorage

_UNITS = "pieces"

UNUSUAL_WEEKS = InsightsTable(
    name="demand_insights_engine_unusual_weeks",
    version="1.0",
    system="demand-insights-engine",
    description="Weeks in which the demand for a product was unusual.",
    partition="",
    columns=(
        DEMAND_WEEKLY["product_id"],
        DEMAND_WEEKLY["currency"],
        DEMAND_WEEKLY["week"],
        DEMAND_WEEKLY["units"],
        Column("expected", pl.Float64(), "Units in a usual week", _UNITS, minimum=0.0),
        Column("lower", pl.Float64(), "Least usual units", _UNITS, minimum=0.0),
        Column("upper", pl.Float64(), "Most usual units", _UNITS, minimum=0.0),
        Column("score", pl.Float64(), "Distance from the median", "robust standard deviations"),
        *VERSION_COLUMNS,
    ),
    key=("product_id", "currency", "week"),
)


def key(source: str) -> str:
    """Key in the insights bucket of a source's unusual weeks."""
    return Partition(UNUSUAL_WEEKS, source).data_key


def read(storage: ObjectStorage, bucket: str, source: str) -> pl.DataFrame | None:
    """The unusual weeks of a source; None where the batch has not assessed it."""
    try:
        content = storage.get(bucket, key(source)).body
    except ObjectNotFoundError:
        return None
    return decode(UNUSUAL_WEEKS, content)
