"""One source's prod tables, as they were when first looked at.

Everything read is named with its hash and checked against it, so that what is computed from it can
be told from what would be computed later.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import polars as pl

from datalake import layout
from datalake.contracts import PartitionedTable
from datalake.files import decode
from datalake.layout import Partition
from datalake.manifest import Input
from datalake.storage import SHA256, ObjectNotFoundError, ObjectStorage

ROWS = "rows"
"""In the metadata of a partition: how many rows it has."""


class ChangedError(Exception):
    """An object is another one than when it was first looked at: look again."""


class ContentCache:
    """Contents of objects by hash: the most recently used ones, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._contents: OrderedDict[str, bytes] = OrderedDict()

    def get(self, sha256: str) -> bytes | None:
        """The content with that hash, if it is still here."""
        if sha256 in self._contents:
            self._contents.move_to_end(sha256)
        return self._contents.get(sha256)

    def put(self, sha256: str, content: bytes) -> None:
        """Keep a content, and drop the ones not used for longest."""
        if len(content) > self._max_bytes or sha256 in self._contents:
            return
        self._contents[sha256] = content
        self._bytes += len(content)
        while self._bytes > self._max_bytes:
            _, dropped = self._contents.popitem(last=False)
            self._bytes -= len(dropped)


class Snapshot:
    """A source's prod tables. What was looked at once is remembered; make a new one to look again.

    Several snapshots may share a cache.
    """

    def __init__(
        self, storage: ObjectStorage, prod_bucket: str, source: str, cache: ContentCache
    ) -> None:
        self.source = source
        self._storage = storage
        self._buckets = {"prod": prod_bucket}
        self._cache = cache
        self._etags: dict[str, dict[str, str]] = {}
        self._existing: dict[str, list[str]] = {}
        self._partitions: dict[tuple[str, str], Input | None] = {}

    def existing(self, table: PartitionedTable) -> list[str]:
        """Periods of a table's partitions, with rows or without."""
        if table.name not in self._existing:
            keys = (key for key in self._listed(table) if not layout.is_manifest(key))
            found = (layout.partition_of(key, [table]) for key in keys)
            self._existing[table.name] = sorted(entry.period for entry in found if entry)
        return self._existing[table.name]

    def partition(self, table: PartitionedTable, period: str) -> Input | None:
        """A table's partition; None where there is none or it has no rows."""
        name = (table.name, period)
        if name not in self._partitions:
            self._partitions[name] = self._look(Partition(table, self.source, period))
        return self._partitions[name]

    def partitions(self, table: PartitionedTable, periods: Iterable[str]) -> list[Input]:
        """Those of the partitions that have rows."""
        found = (self.partition(table, period) for period in periods)
        return [partition for partition in found if partition is not None]

    def periods(self, table: PartitionedTable) -> list[str]:
        """Periods in which a table has rows, in order."""
        return [period for period in self.existing(table) if self.partition(table, period)]

    def rows(
        self,
        table: PartitionedTable,
        periods: Iterable[str],
        columns: tuple[str, ...] | None = None,
    ) -> pl.DataFrame:
        """The rows of partitions, one after the other, in these columns; raises ChangedError."""
        names = columns or tuple(table.schema.names())
        contents = self._contents(self.partitions(table, periods))
        frames = [decode(table, content, names) for content in contents]
        return pl.concat([table.schema.to_frame().select(names), *frames])

    def _listed(self, table: PartitionedTable) -> dict[str, str]:
        """Key → ETag of rows and manifests."""
        prefix = layout.partitions_prefix(table, self.source)
        if prefix not in self._etags:
            self._etags[prefix] = self._storage.etags(self._buckets["prod"], prefix)
        return self._etags[prefix]

    def _look(self, partition: Partition) -> Input | None:
        if partition.data_key not in self._listed(partition.table):
            return None
        info = self._storage.head(self._buckets["prod"], partition.data_key)
        if info is None or info.metadata.get(ROWS) == "0":
            return None
        return Input("prod", partition.data_key, info.metadata[SHA256])

    def _contents(self, files: Sequence[Input]) -> list[bytes]:
        return [self._content(file) for file in files]

    def _content(self, file: Input) -> bytes:
        content = self._cache.get(file.sha256)
        if content is None:
            content = self._read(file)
            self._cache.put(file.sha256, content)
        return content

    def _read(self, file: Input) -> bytes:
        try:
            content = self._storage.get(self._buckets[file.bucket], file.key).body
        except ObjectNotFoundError as error:
            raise ChangedError(str(error)) from error
        found = hashlib.sha256(content).hexdigest()
        if found != file.sha256:
            raise ChangedError(
                f"{file.bucket} {file.key} has the hash {found}, expected {file.sha256}"
            )
        return content


def data_version(inputs: Iterable[Input]) -> str:
    """16 hexadecimal digits, equal for equal files in whatever order."""
    files = sorted((entry.bucket, entry.key, entry.sha256) for entry in inputs)
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
