"""What a contract of an insights table is: every row says which model and which data made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from datalake.contracts import Column, PartitionedTable

MODEL_VERSION = Column("model_version", pl.String(), "Version of the model that made the row")
DATA_VERSION = Column(
    "data_version", pl.String(), "Hash of the data that it was made from", pattern="[0-9a-f]{16}"
)
VERSION_COLUMNS = (MODEL_VERSION, DATA_VERSION)
"""The last columns of every insights table."""


@dataclass(frozen=True)
class InsightsTable(PartitionedTable):
    """A table of the insights bucket; `system` is the one that writes it."""

    system: str = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.columns[-len(VERSION_COLUMNS) :] != VERSION_COLUMNS:
            raise ValueError(f"table {self.name}: its columns must end with *VERSION_COLUMNS")

    def frame(self, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
        """Rows as a frame, all columns but the versions."""
        versions = {column.name for column in VERSION_COLUMNS}
        schema = {name: dtype for name, dtype in self.schema.items() if name not in versions}
        return pl.DataFrame(rows, schema=schema)

    def _summary(self) -> str:
        return f"{self.description} By {self.system}."
