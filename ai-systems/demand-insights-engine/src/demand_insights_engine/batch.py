"""New demand in prod → insights."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalake.contracts.prod import DEMAND_WEEKLY
from datalake.layout import partition_of
from datalake.snapshot import ContentCache, Snapshot, data_version
from datalake.storage import ObjectStorage
from demand_insights_engine import insights
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.artefact import Model
from demand_insights_engine.unusual_weeks.scores import MIN_WEEKS, Parameters, assess
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.insights import InsightsFile
from lambda_app.observability import count, logger
from lambda_app.s3_events import created_object

_SERIES = ("product_id", "currency")
_COLUMNS = (*_SERIES, "week", "days", "units")
_FULL_WEEK = 7
_CACHE_BYTES = 64 * 1024**2
# Months that did not change are not read again by later invocations.
_cache = ContentCache(_CACHE_BYTES)


def announced_source(body: str, bucket: str) -> str | None:
    """The source whose demand a message announces; None if it announces no new object.

    Raises PoisonMessageError.
    """
    created = created_object(body, bucket)
    if created is None:
        return None
    partition = partition_of(created.key, [DEMAND_WEEKLY])
    if partition is None:
        raise PoisonMessageError(f"{created.key} is not a partition of {DEMAND_WEEKLY.name}")
    return partition.source


def update(
    storage: ObjectStorage, settings: BatchSettings, model: Model, sources: Sequence[str]
) -> None:
    """Assess one source, which several messages may name, and write its unusual weeks.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile, with nothing
    written: a retry assesses what is there then.
    """
    source = sources[0]
    key = insights.key(source)
    file = InsightsFile.open(storage, settings.insights_bucket, key, insights.UNUSUAL_WEEKS)
    snapshot = Snapshot(storage, settings.prod_bucket, source, _cache)
    months = snapshot.periods(DEMAND_WEEKLY)
    found = unusual_weeks(snapshot.rows(DEMAND_WEEKLY, months, _COLUMNS), model.parameters)
    written = file.write(
        found,
        model_version=model.version,
        data_version=data_version(snapshot.partitions(DEMAND_WEEKLY, months)),
    )
    logger.info("assessed", extra={"source": source, "unusual": found.height, "written": written})
    count("UnusualWeeks", found.height)


def unusual_weeks(demand: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """The unusual weeks of all products; weeks with fewer than 7 days are left out.

    `demand` has columns of demand_weekly. The columns returned are those of the insights table
    without the versions. Products with too few weeks have no unusual ones.
    """
    schema = pl.Schema(
        {
            name: dtype
            for name, dtype in insights.UNUSUAL_WEEKS.schema.items()
            if name not in ("model_version", "data_version")
        }
    )
    found = []
    full = demand.filter(pl.col("days") == _FULL_WEEK).sort(*_SERIES, "week")
    for (product_id, currency), series in full.group_by(_SERIES, maintain_order=True):
        if series.height < MIN_WEEKS:
            continue
        units = series["units"].to_list()
        for week, sold, one in zip(series["week"], units, assess(units, parameters), strict=True):
            if one.is_unusual:
                usual = (one.expected, one.lower, one.upper, one.score)
                found.append((product_id, currency, week, sold, *usual))
    return pl.DataFrame(found, schema=schema, orient="row")
