"""Weekly demand → what is expected of each product, group and all together."""

from __future__ import annotations

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES
from datalake.contracts.prod import DEMAND_WEEKLY
from datalake.layout import Partition
from datalake.snapshot import Snapshot, data_version
from datalake.storage import ObjectStorage
from demand_insights_engine.demand.history import COLUMNS, History
from demand_insights_engine.demand.rows import rows
from demand_insights_engine.version import methods_version
from lambda_app.insights import InsightsFile
from lambda_app.observability import count, logger


def update(storage: ObjectStorage, bucket: str, snapshot: Snapshot) -> None:
    """Forecast the demand of a source and write it, unless it was forecast from these months.

    DEMAND_SERIES is written last: where it names the versions, all is there.
    """
    source = snapshot.source
    forecasts, series = (
        InsightsFile.open(storage, bucket, Partition(table, source).data_key, table)
        for table in (DEMAND_FORECASTS, DEMAND_SERIES)
    )
    months = snapshot.periods(DEMAND_WEEKLY)
    versions = {
        "model_version": methods_version(),
        "data_version": data_version(snapshot.partitions(DEMAND_WEEKLY, months)),
    }
    if series.is_of(**versions):
        return
    history = History.of(snapshot.rows(DEMAND_WEEKLY, months, COLUMNS))
    found = rows(history)
    forecasts.write(found.forecasts, **versions)
    series.write(found.series, **versions)
    count("ProductsForecast", len(history.products))
    logger.info("demand forecast", extra={"source": source, "products": len(history.products)})
