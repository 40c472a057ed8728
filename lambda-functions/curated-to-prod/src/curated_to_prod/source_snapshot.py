"""One source's prod tables, as they were when first listed, and what this run makes of them.

A list tells the ETags of all partitions of a table. A manifest's metadata names the ETag of the
rows beside it, so one HEAD tells whether a partition is whole, and what it was made from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from curated_to_prod.settings import Settings
from datalake import layout
from datalake.contracts import PartitionedTable
from datalake.layout import Partition
from datalake.manifest import Input
from datalake.parallel import Together
from datalake.snapshot import ROWS, ChangedError, ContentCache, Snapshot
from datalake.storage import SHA256, ObjectInfo, ObjectStorage

INPUTS = "inputs"
"""In the metadata of a manifest: the digest of what the partition was made from."""

ROWS_ETAG = "rows-etag"
"""In the metadata of a manifest: the ETag of the rows beside it."""


@dataclass(frozen=True)
class Made:
    """A partition that is there. `digest` is of what it was made from; None if that is unknown,
    because a writer stopped, or is, between the rows and their manifest."""

    sha256: str
    rows: int
    digest: str | None


@dataclass(frozen=True)
class Contributed:
    """What objects contribute to a merged partition, as this run leaves it."""

    rows: pl.DataFrame
    etag: str | None
    is_changed: bool


class SourceSnapshot(Snapshot):
    """A source's prod tables. Independent calls to the storage are made at once."""

    def __init__(
        self,
        storage: ObjectStorage,
        settings: Settings,
        source: str,
        cache: ContentCache,
        together: Together,
    ) -> None:
        super().__init__(storage, settings.prod_bucket, source, cache)
        self._buckets["curated"] = settings.curated_bucket
        self._together = together
        self._made: dict[Partition, Made | None] = {}
        self._contributed: dict[Partition, Contributed] = {}
        self._changed: set[Input] = set()

    def list_tables(self, tables: Iterable[PartitionedTable]) -> None:
        """List the partitions of these tables."""
        self._together(partial(self._listed, table) for table in tables)

    def look(self, partitions: Iterable[Partition]) -> None:
        """Look at partitions, those at once that were not looked at before."""
        unknown = [part for part in dict.fromkeys(partitions) if part not in self._made]
        found = self._together(partial(self._manifest, partition) for partition in unknown)
        self._made |= zip(unknown, found, strict=True)

    def made(self, partition: Partition) -> Made | None:
        """A partition as it is; None where there is none."""
        self.look([partition])
        return self._made[partition]

    def etags(self, partition: Partition) -> tuple[str | None, str | None]:
        """The ETags of a partition's rows and manifest; None for what is not there."""
        listed = self._listed(partition.table)
        return listed.get(partition.data_key), listed.get(partition.manifest_key)

    def partitions(self, table: PartitionedTable, periods: Iterable[str]) -> list[Input]:
        """See Snapshot.partitions."""
        periods = list(periods)
        self.look(Partition(table, self.source, period) for period in periods)
        return super().partitions(table, periods)

    def periods(self, table: PartitionedTable) -> list[str]:
        """See Snapshot.periods."""
        self.look(Partition(table, self.source, period) for period in self.existing(table))
        return super().periods(table)

    def latest(self, table: PartitionedTable, before: str | None = None) -> str | None:
        """The last period in which a table has rows, of those before `before`; None without any."""
        existing = self.existing(table)
        end = len(existing) if before is None else bisect_left(existing, before)
        return next((p for p in reversed(existing[:end]) if self.partition(table, p)), None)

    def contents(self, files: Sequence[Input]) -> list[bytes]:
        """The contents of files; raises ChangedError where one has another hash."""
        missing = [file for file in dict.fromkeys(files) if self._cache.get(file.sha256) is None]
        found = self._together(partial(self._read, file) for file in missing)
        read = dict(zip(missing, found, strict=True))
        for file, content in read.items():
            self._cache.put(file.sha256, content)
        return [read[file] if file in read else self._content(file) for file in files]

    def decided(
        self, partition: Partition, content: bytes, made: Made, *, is_changed: bool
    ) -> None:
        """Remember a partition as this run makes it, and whether its rows were others before."""
        key, period = partition.data_key, partition.period
        existing = self.existing(partition.table)
        if period not in existing:
            existing.append(period)
            existing.sort()
        self._made[partition] = made
        rows = Input("prod", key, made.sha256)
        self._partitions[partition.table.name, period] = rows if made.rows else None
        if is_changed:
            self._changed.add(rows)
        self._cache.put(made.sha256, content)

    def wrote(self, partition: Partition, rows_etag: str, manifest_etag: str) -> None:
        """Remember the ETags of a partition that was written."""
        self._listed(partition.table).update(
            {partition.data_key: rows_etag, partition.manifest_key: manifest_etag}
        )

    def contributed(self, partition: Partition, contributed: Contributed) -> None:
        """Remember what objects contribute to a merged partition."""
        self._contributed[partition] = contributed

    def contributions(self, partition: Partition) -> pl.DataFrame:
        """What objects contribute to a merged partition that this run looked at."""
        return self._contributed[partition].rows

    def is_outdated(self, partition: Partition, inputs: Iterable[Input]) -> bool:
        """Whether a partition cannot be right, as this run changed what it is made from."""
        contributed = self._contributed.get(partition)
        if contributed is not None:
            return contributed.is_changed
        return not self._changed.isdisjoint(inputs)

    @property
    def has_new_contributions(self) -> bool:
        """Whether this run changed what any object contributes."""
        return any(entry.is_changed for entry in self._contributed.values())

    def is_current(self, made_of: Collection[PartitionedTable]) -> bool:
        """Whether what was looked at is still as it was, or as this run wrote it: contributions,
        and those tables that others are made of."""
        prefixes = {layout.partitions_prefix(table, self.source) for table in made_of}
        prefixes &= self._etags.keys()
        listed = {key: etag for prefix in prefixes for key, etag in self._etags[prefix].items()}
        looked_at = {part.data_key for part in self._made if part.table in made_of}
        now = self._etags_now(prefixes)
        if _rows(listed) != _rows(now) or any(listed.get(k) != now.get(k) for k in looked_at):
            return False
        contributed = {
            layout.contributions_key(partition): entry.etag
            for partition, entry in self._contributed.items()
        }
        tables = {partition.table.name: partition.table for partition in self._contributed}
        now = self._etags_now(
            layout.contributions_prefix(table, self.source) for table in tables.values()
        )
        return all(etag == now.get(key) for key, etag in contributed.items())

    def _etags_now(self, prefixes: Iterable[str]) -> dict[str, str]:
        bucket = self._buckets["prod"]
        found = self._together(partial(self._storage.etags, bucket, prefix) for prefix in prefixes)
        return {key: etag for etags in found for key, etag in etags.items()}

    def _contents(self, files: Sequence[Input]) -> list[bytes]:
        return self.contents(files)

    def _look(self, partition: Partition) -> Input | None:
        made = self.made(partition)
        return Input("prod", partition.data_key, made.sha256) if made and made.rows else None

    def _manifest(self, partition: Partition) -> Made | None:
        rows_etag, manifest_etag = self.etags(partition)
        if rows_etag is None:
            return None
        info = self._head(partition.manifest_key) if manifest_etag else None
        if info is not None and info.metadata.get(ROWS_ETAG) == rows_etag:
            metadata = info.metadata
            return Made(metadata[SHA256], int(metadata[ROWS]), metadata[INPUTS])
        info = self._head(partition.data_key)
        if info is None or info.etag != rows_etag:
            raise ChangedError(f"{partition.data_key} has changed since it was listed")
        return Made(info.metadata[SHA256], int(info.metadata[ROWS]), None)

    def _head(self, key: str) -> ObjectInfo | None:
        return self._storage.head(self._buckets["prod"], key)


def _rows(keys: Iterable[str]) -> set[str]:
    return {key for key in keys if not layout.is_manifest(key)}
