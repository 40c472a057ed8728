"""What was scanned of each source, in one table: the newest scan of every object, summed up."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from functools import partial

import polars as pl

from compliance_guardian.insights import RAW
from compliance_guardian.pci.scan import version
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_INVENTORY,
    COMPLIANCE_SCANS,
    VERSION_COLUMNS,
    InsightsTable,
)
from datalake.files import decode
from datalake.layout import Partition, partition_of, partitions_prefix
from datalake.parallel import Together, one_by_one
from datalake.storage import ObjectNotFoundError, ObjectStorage, PreconditionFailedError
from lambda_app.insights import InsightsFile

_ROUNDS = 5
_COUNTS = {
    "card_numbers": pl.col("kind") == "card_number",
    "track_data": pl.col("kind") == "track_data",
    "verification_codes": pl.col("kind") == "cvv",
    "personal_data": ~pl.col("kind").is_in(["card_number", "track_data", "cvv"]),
}
_COLUMNS = [
    name
    for name in COMPLIANCE_INVENTORY.schema.names()
    if name not in {column.name for column in VERSION_COLUMNS}
]


def update(
    storage: ObjectStorage,
    bucket: str,
    source: str,
    objects: Collection[str],
    together: Together = one_by_one,
) -> None:
    """Bring the rows on some objects of a source up to date, in whatever order scans arrive.

    Where there is no inventory yet, it is made of all scans. Raises PreconditionFailedError where
    others keep writing it.
    """
    for attempt in range(1, _ROUNDS + 1):
        key = Partition(COMPLIANCE_INVENTORY, source).data_key
        file = InsightsFile.open(storage, bucket, key, COMPLIANCE_INVENTORY)
        known = read(storage, bucket, source) if file.current else None
        names = set(objects) if known is not None else set(_scanned(storage, bucket, source))
        found = together(
            partial(_row, storage, bucket, Partition(COMPLIANCE_SCANS, source, name))
            for name in sorted(names)
        )
        rows = [row for row in found if row is not None]
        if known is not None:
            rows.append(known.filter(~pl.col("object").is_in(names)).select(_COLUMNS))
        if not rows:
            return
        inventory = pl.concat(rows).sort("object")
        try:
            file.write(inventory, model_version=version(), data_version=_version(inventory))
        except PreconditionFailedError:
            if attempt == _ROUNDS:
                raise
        else:
            return


def read(storage: ObjectStorage, bucket: str, source: str) -> pl.DataFrame | None:
    """The inventory of a source; None without one."""
    key = Partition(COMPLIANCE_INVENTORY, source).data_key
    try:
        return decode(COMPLIANCE_INVENTORY, storage.get(bucket, key).body)
    except ObjectNotFoundError:
        return None


def sources(storage: ObjectStorage, bucket: str) -> list[str]:
    """The sources with an inventory."""
    keys = storage.keys(bucket, f"{COMPLIANCE_INVENTORY.name}/")
    found = (partition_of(key, [COMPLIANCE_INVENTORY]) for key in keys)
    return [partition.source for partition in found if partition]


def _scanned(storage: ObjectStorage, bucket: str, source: str) -> Iterator[str]:
    for key in storage.keys(bucket, partitions_prefix(COMPLIANCE_SCANS, source)):
        if partition := partition_of(key, [COMPLIANCE_SCANS]):
            yield partition.period


def _row(storage: ObjectStorage, bucket: str, scanned: Partition) -> pl.DataFrame | None:
    """The row on an object; None if its insights are gone."""
    fields = _rows(storage, bucket, COMPLIANCE_FIELDS, scanned)
    scans = _rows(storage, bucket, COMPLIANCE_SCANS, scanned)
    if scans is None or fields is None or scans.is_empty():
        return None
    counts = fields.select(
        pl.col("findings").filter(kind).sum().alias(name) for name, kind in _COUNTS.items()
    )
    card_data = pl.sum_horizontal("card_numbers", "track_data", "verification_codes")
    return pl.concat([scans, counts], how="horizontal").select(
        pl.lit(scanned.period).alias("object"),
        "bucket",
        "key",
        "delivered_at",
        "policy",
        "outcome",
        "is_complete",
        "size",
        *_COUNTS,
        # Originals in the inbox are not in raw; of a released copy, raw's own scan tells.
        pl.when(pl.col("bucket") == RAW).then(card_data).otherwise(0).alias("readable"),
        pl.col("data_version").alias("scan_version"),
    )


def _rows(
    storage: ObjectStorage, bucket: str, table: InsightsTable, scanned: Partition
) -> pl.DataFrame | None:
    key = Partition(table, scanned.source, scanned.period).data_key
    try:
        return decode(table, storage.get(bucket, key).body)
    except ObjectNotFoundError:
        return None


def _version(inventory: pl.DataFrame) -> str:
    rows = inventory.select("object", "scan_version").iter_rows()
    return hashlib.sha256("\n".join(map(":".join, rows)).encode()).hexdigest()[:16]
