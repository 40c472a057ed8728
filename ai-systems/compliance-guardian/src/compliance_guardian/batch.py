"""A new raw object → insights: what it holds that must be protected."""

from __future__ import annotations

import hashlib

from compliance_guardian import insights
from compliance_guardian.adapter import BatchSettings
from compliance_guardian.insights import Collected, partition
from compliance_guardian.objects import reader
from compliance_guardian.pci import scan
from compliance_guardian.pci.redaction import redacted_text
from datalake.contracts.insights import COMPLIANCE_SCANS, COMPLIANCE_TABLES
from datalake.storage import ObjectInfo, ObjectNotFoundError, ObjectStorage
from lambda_app.insights import InsightsFile
from lambda_app.observability import count, logger
from lambda_app.s3_events import CreatedObject


class ChangedError(Exception):
    """The object changed while it was read; nothing was written, and a retry reads the new one."""


def data_version(key: str, info: ObjectInfo) -> str:
    """The version of a raw object: a hash of its key and its ETag."""
    return hashlib.sha256(f"{key}\n{info.etag}".encode()).hexdigest()[:16]


def update(storage: ObjectStorage, settings: BatchSettings, created: CreatedObject) -> None:
    """Scan the object as it is now, whichever version is announced, and write its insights.

    So the result follows from the object alone, whatever the order of the messages. The table
    compliance_scans is written last: where it names these versions, all is done. Raises
    ChangedError, or PreconditionFailedError where another invocation wrote meanwhile.
    """
    key = created.key
    files = {
        table: InsightsFile.open(
            storage, settings.insights_bucket, partition(table, key).data_key, table
        )
        for table in COMPLIANCE_TABLES
    }
    info = storage.head(settings.raw_bucket, key)
    if info is None:
        logger.info("object is gone", extra={"object_key": redacted_text(key)})
        return
    versions = {"model_version": scan.version(), "data_version": data_version(key, info)}
    if _is_done(files[COMPLIANCE_SCANS], versions):
        return
    collected = Collected(key, info.size)
    try:
        with storage.open(settings.raw_bucket, key) as opened:
            if opened.info.etag != info.etag:
                raise ChangedError(f"{redacted_text(key)} changed")
            collected.add_all(reader.find(opened.stream, collected.totals))
    except ObjectNotFoundError as error:
        raise ChangedError(f"{redacted_text(key)} was deleted") from error
    for table, rows in collected.tables().items():
        files[table].write(rows, **versions)
    count("Findings", collected.count)
    if collected.problem:
        count("ObjectsUnreadable")
    logger.info(
        "object scanned",
        extra={
            "object_key": redacted_text(key),
            "source": insights.source_of(key),
            "findings": collected.count,
            "problem": collected.problem,
        },
    )


def _is_done(file: InsightsFile, versions: dict[str, str]) -> bool:
    found = file.current.metadata if file.current else {}
    wanted = {name.replace("_", "-"): version for name, version in versions.items()}
    wanted["contract-version"] = file.table.version
    return all(found.get(name) == version for name, version in wanted.items())
