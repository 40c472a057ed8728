"""The insights tables: written as a whole by the batch, read for an answer.

The import of polars takes a quarter of a second, so the API imports this module only where it reads
a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from datalake.contracts.insights import InsightsTable
from datalake.contracts.prod import ProdTable
from datalake.files import decode
from datalake.layout import Partition
from datalake.snapshot import Snapshot, data_version
from datalake.storage import ObjectNotFoundError, ObjectStorage
from demand_insights_engine.version import methods_version
from lambda_app.insights import InsightsFile


class InsightsOfSource:
    """The files of a source's tables, as they were when it was made.

    The last table is written last: where it names the versions, all are there.
    """

    def __init__(
        self, storage: ObjectStorage, bucket: str, source: str, tables: Sequence[InsightsTable]
    ) -> None:
        self._files = {
            table: InsightsFile.open(storage, bucket, Partition(table, source).data_key, table)
            for table in tables
        }
        self._last = self._files[tables[-1]]

    def are_of(self, versions: Mapping[str, str]) -> bool:
        """Whether all tables were made with these versions of model and data."""
        return self._last.is_of(**versions)

    def write(
        self, rows: Mapping[InsightsTable, pl.DataFrame], versions: Mapping[str, str]
    ) -> None:
        """Write the rows of every table. Raises PreconditionFailedError where another invocation
        wrote one meanwhile."""
        for table, file in self._files.items():
            file.write(rows[table], **versions)


def versions_of(snapshot: Snapshot, *tables: ProdTable) -> dict[str, str]:
    """The versions of insights made from all periods of these tables by the current methods."""
    inputs = [
        partition
        for table in tables
        for partition in snapshot.partitions(table, snapshot.periods(table))
    ]
    return {"model_version": methods_version(), "data_version": data_version(inputs)}


def read(
    storage: ObjectStorage, bucket: str, table: InsightsTable, source: str
) -> pl.DataFrame | None:
    """The rows of a source; None where the batch has not made any."""
    try:
        content = storage.get(bucket, Partition(table, source).data_key).body
    except ObjectNotFoundError:
        return None
    return decode(table, content)
