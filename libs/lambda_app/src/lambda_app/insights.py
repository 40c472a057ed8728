"""Writes insights: typed files whose rows name the versions of model and data.

The state of a file is read before its inputs are. So a file that another invocation wrote in
between is not overwritten with what follows from older inputs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from datalake.contracts.insights import DATA_VERSION, MODEL_VERSION, InsightsTable
from datalake.files import content_type, encode
from datalake.storage import SHA256, ObjectInfo, ObjectStorage


@dataclass(frozen=True)
class InsightsFile:
    """One file of an insights table, as it was before its inputs were read."""

    storage: ObjectStorage
    bucket: str
    key: str
    table: InsightsTable
    current: ObjectInfo | None

    @classmethod
    def open(
        cls, storage: ObjectStorage, bucket: str, key: str, table: InsightsTable
    ) -> InsightsFile:
        """Look at the file. Call this before the inputs of its rows are read."""
        return cls(storage, bucket, key, table, storage.head(bucket, key))

    def write(self, rows: pl.DataFrame, *, model_version: str, data_version: str) -> bool:
        """Write the rows, with both versions in each, if the file differs.

        Columns are put in the contract's order. Returns False where the very same content is there
        already; then nothing is written and no event reaches the readers. Raises ContractViolation,
        and PreconditionFailedError where another invocation wrote the file since `open`: a retry
        starts from the state that is there then.
        """
        frame = rows.with_columns(
            pl.lit(model_version).alias(MODEL_VERSION.name),
            pl.lit(data_version).alias(DATA_VERSION.name),
        )
        names = self.table.schema.names()
        if set(frame.columns) == set(names):
            frame = frame.select(names)
        body = encode(self.table, frame)
        metadata = {
            **self._versions(model_version, data_version),
            SHA256: hashlib.sha256(body).hexdigest(),
        }
        if self.current is not None and dict(self.current.metadata) == metadata:
            return False
        self.storage.put(
            self.bucket,
            self.key,
            body,
            content_type=content_type(self.table),
            metadata=metadata,
            if_match=self.current.etag if self.current else None,
        )
        return True

    def is_of(self, *, model_version: str, data_version: str) -> bool:
        """Whether the file was written with these versions and the contract of today."""
        found = self.current.metadata if self.current else {}
        wanted = self._versions(model_version, data_version)
        return all(found.get(name) == version for name, version in wanted.items())

    def _versions(self, model_version: str, data_version: str) -> dict[str, str]:
        return {
            "contract-version": self.table.version,
            "model-version": model_version,
            "data-version": data_version,
        }
