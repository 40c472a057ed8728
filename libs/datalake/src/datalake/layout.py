"""Where everything is: every key of the curated, quarantine, prod and insights buckets, once.

Keys are Hive-style, as Athena, Spark, Trino and DuckDB read them: `<table>/source=…/object=…/
part-<n>.parquet` in the curated bucket, `<table>/source=…/month=2011-01/part-0.parquet` in the prod
and the insights bucket. Engines pass over names that begin with an underscore.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from datalake.contracts import PartitionedTable

UNMAPPED = "_unmapped"
"""Stands for the source of an object that is of no declared one."""

REPORTS = "data-quality/"
STAGING = "staging/"
_REPORT, _REJECTION = "report.json", "rejection.json"
_PAGES = "quality/"
_QUARANTINED = "rows"
_BLOCKED = "blocked/"
_MANIFEST = "_manifest.json"
_INDEX = "_index/"
_REPORT_KEY = re.compile(rf"{REPORTS}source=([a-z0-9_-]+)/object=([a-z0-9-]+)/{re.escape(_REPORT)}")

_TABLE_KEY = re.compile(r"[a-z_]+/source=([a-z0-9_-]+)/object=([a-z0-9-]+)/part-[0-9]+\.parquet")


def object_id(raw_key: str) -> str:
    """A name for a raw object that is safe in a key, stable and one-to-one.

    The hash makes it unique for any key, also one with slashes, `..` or line breaks; the words
    before it are only for people.
    """
    name = raw_key.rpartition("/")[2].lower()
    for suffix in (".gz", ".zip", ".csv", ".txt", ".jsonl", ".parquet", ".xlsx"):
        name = name.removesuffix(suffix)
    words = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:48].strip("-")
    digest = hashlib.sha256(raw_key.encode()).hexdigest()[:16]
    return f"{words}-{digest}" if words else digest


@dataclass(frozen=True)
class CuratedObject:
    """A raw object as curation names it, and the keys of its results."""

    source: str
    object_id: str

    @classmethod
    def of(cls, source: str, raw_key: str) -> CuratedObject:
        """The object with that key in the raw bucket."""
        return cls(source, object_id(raw_key))

    @classmethod
    def from_report_key(cls, key: str) -> CuratedObject | None:
        """The object that a report is on; None if the key is not a report's."""
        match = _REPORT_KEY.fullmatch(key)
        return cls(match[1], match[2]) if match else None

    @classmethod
    def from_table_key(cls, key: str) -> CuratedObject | None:
        """The object that a file of a table's rows is of; None if the key is no such file's."""
        match = _TABLE_KEY.fullmatch(key)
        return cls(match[1], match[2]) if match else None

    @property
    def report_key(self) -> str:
        """Key in the curated bucket of the report on the newest version that could be used."""
        return f"{REPORTS}{self._folder}{_REPORT}"

    @property
    def rejection_key(self) -> str:
        """Key in the curated bucket of the report on the newest version that was rejected."""
        return f"{REPORTS}{self._folder}{_REJECTION}"

    @property
    def reports_prefix(self) -> str:
        """What the keys of both reports begin with, and no other key."""
        return f"{REPORTS}{self._folder}"

    @property
    def page_key(self) -> str:
        """Key in the curated bucket of the report as a page for people."""
        return f"{_PAGES}{self._folder}report.html"

    def table_prefix(self, table: str) -> str:
        """What the keys of all files of a table's rows begin with."""
        return f"{table}/{self._folder}"

    def table_key(self, table: str, part: int = 0) -> str:
        """Key in the curated bucket of a file of a table's rows."""
        return f"{self.table_prefix(table)}part-{part}.parquet"

    @property
    def quarantine_prefix(self) -> str:
        """What the keys of all files of rows that could not be used begin with."""
        return self.table_prefix(_QUARANTINED)

    def quarantine_key(self, part: int = 0) -> str:
        """Key in the quarantine bucket of a file of rows that could not be used."""
        return self.table_key(_QUARANTINED, part)

    def staging_prefix(self, version: str) -> str:
        """What the keys of the parts of one version begin with while they are put together."""
        return f"{STAGING}{self._folder}version={version}/"

    @property
    def _folder(self) -> str:
        return f"source={self.source}/object={self.object_id}/"


@dataclass(frozen=True)
class BlockedObject:
    """An object that its source's policy keeps out of the raw bucket, in the quarantine bucket.

    `object_id` is a hash of its key, as the key may hold what must not be shown.
    """

    source: str
    object_id: str

    @property
    def copy_key(self) -> str:
        """Key of a copy in which nothing protected is readable."""
        return f"{self._folder}copy"

    @property
    def report_key(self) -> str:
        """Key of the report that says why it was blocked, written after the copy."""
        return f"{self._folder}{_REPORT}"

    @property
    def _folder(self) -> str:
        return f"{_BLOCKED}source={self.source}/object={self.object_id}/"


def is_report(key: str) -> bool:
    """Whether a key is a report's on an object, whether it could be used or was rejected."""
    return key.startswith(REPORTS) and key.endswith((f"/{_REPORT}", f"/{_REJECTION}"))


def reports_prefix(source: str) -> str:
    """What the keys of the reports on all objects of a source begin with."""
    return f"{REPORTS}source={source}/"


@dataclass(frozen=True)
class Partition:
    """A partition of a table of the prod or the insights bucket.

    `period` is a month, a year, a day or an object as the table's `partition` says; "" if it has
    none.
    """

    table: PartitionedTable
    source: str
    period: str = ""

    @property
    def data_key(self) -> str:
        """Key of its rows."""
        return f"{self._folder}part-0.{self.table.file_format}"

    @property
    def manifest_key(self) -> str:
        """Key of its manifest, which is written after the rows."""
        return f"{self._folder}{_MANIFEST}"

    @property
    def _folder(self) -> str:
        prefix = partitions_prefix(self.table, self.source)
        return f"{prefix}{self.table.partition}={self.period}/" if self.period else prefix


def partitions_prefix(table: PartitionedTable, source: str) -> str:
    """What the keys of all partitions of a source begin with."""
    folder = _INDEX if table.is_internal else ""
    return f"{folder}{table.name}/source={source}/"


def partition_of(key: str, tables: Iterable[PartitionedTable]) -> Partition | None:
    """The partition of one of these tables whose rows or manifest have that key, if any has."""
    for table in tables:
        period = f"{table.partition}=([a-z0-9-]+)/" if table.partition else "()"
        names = rf"part-0\.{table.file_format}|{re.escape(_MANIFEST)}"
        folder = _INDEX if table.is_internal else ""
        match = re.fullmatch(rf"{folder}{table.name}/source=([a-z0-9_-]+)/{period}(?:{names})", key)
        if match:
            return Partition(table, match[1], match[2])
    return None


def is_manifest(key: str) -> bool:
    """Whether a key is a manifest's."""
    return key.endswith(f"/{_MANIFEST}")


def is_internal(key: str) -> bool:
    """Whether a key of the prod bucket is of what curated-to-prod keeps for itself."""
    return key.startswith(_INDEX)


def contributions_prefix(table: PartitionedTable, source: str) -> str:
    """What the keys of the contributions to all partitions of a source begin with."""
    return f"{_INDEX}{partitions_prefix(table, source)}"


def contributions_key(partition: Partition) -> str:
    """Key in the prod bucket of the rows that each object contributes to a merged partition."""
    return f"{_INDEX}{partition.data_key}"


def periods_key(source: str, object_id: str) -> str:
    """Key in the prod bucket of the periods that an object has, or once had, rows in."""
    return f"{_INDEX}objects/source={source}/object={object_id}.json"
