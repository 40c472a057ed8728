"""A new raw object → insights: what it holds that must be protected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compliance_guardian import insights
from compliance_guardian.adapter import BatchSettings
from compliance_guardian.insights import RAW, Collected, Files, Origin
from compliance_guardian.objects import reader
from compliance_guardian.pci import scan
from compliance_guardian.pci.redaction import redacted_text
from datalake.policies import Action
from datalake.storage import ObjectNotFoundError, ObjectStorage, Readable
from lambda_app.observability import count, logger
from lambda_app.s3_events import CreatedObject

RELEASE = "release"
"""Metadata of a raw object: the version of the object in the inbox that it was released from."""


class ChangedError(Exception):
    """The object changed while it was read; nothing was written, and a retry reads the new one."""


def update(storage: ObjectStorage, settings: BatchSettings, created: CreatedObject) -> None:
    """Scan the object as it is now, whichever version is announced, and write its insights.

    So the result follows from the object alone, whatever the order of the messages. The table
    compliance_scans is written last: where it names these versions, all is done. Raises
    ChangedError, or PreconditionFailedError where another invocation wrote meanwhile.
    """
    key = created.key
    begun = _begin(storage, settings, key)
    if begun is None:
        return
    origin, files, versions = begun
    collected = Collected()
    with unchanged(storage, settings.raw_bucket, origin) as stream:
        collected.add_all(reader.find(stream, collected.totals))
    outcome = _outcome(origin)
    files.write(collected.tables(origin, outcome), versions)
    count("Findings", collected.count)
    if collected.problem:
        count("ObjectsUnreadable")
    extra = {
        "object_key": redacted_text(key),
        "source": insights.source_of(key),
        "findings": collected.count,
        "problem": collected.problem,
    }
    logger.info("object scanned", extra=extra)
    if outcome == "wrong_bucket":
        count("ObjectsInWrongBucket")
        logger.error(
            "object is in raw, but the policy of its source is %s: deliver to the inbox bucket",
            origin.policy.action,
            extra=extra,
        )


def give_up(
    storage: ObjectStorage,
    settings: BatchSettings,
    created: CreatedObject,
    receives: int,
    error: Exception | None,
) -> None:
    """Have the insights say that the object is not scanned, as its message is not delivered again.

    Whatever ends the function, the object has an outcome. A later scan takes its place.
    """
    begun = _begin(storage, settings, created.key)
    if begun is None:
        return
    origin, files, versions = begun
    collected = Collected()
    collected.problem = given_up(receives, error)
    versions["data_version"] = origin.data_version("given up")
    files.write(collected.tables(origin, _outcome(origin)), versions)
    count("ObjectsUnreadable")


def given_up(receives: int, error: Exception | None) -> str:
    """Why an object is not handled any more; None: the function itself was ended."""
    cause = type(error).__name__ if error else "the function ran out of time or memory"
    return f"It could not be handled {receives} times: {cause}. Deliver it again, in parts."


def _begin(
    storage: ObjectStorage, settings: BatchSettings, key: str
) -> tuple[Origin, Files, dict[str, str]] | None:
    """The object, its insights and their versions; None if it is gone, or all is done."""
    files = Files.open(storage, settings.insights_bucket, RAW, key)
    info = storage.head(settings.raw_bucket, key)
    if info is None:
        logger.info("object is gone", extra={"object_key": redacted_text(key)})
        return None
    origin = Origin(RAW, key, info)
    versions = {"model_version": scan.version(), "data_version": origin.data_version()}
    return None if files.are_of(versions) else (origin, files, versions)


@contextmanager
def unchanged(storage: ObjectStorage, bucket: str, origin: Origin) -> Iterator[Readable]:
    """The content of the object that was looked at. Raises ChangedError where it is not there."""
    try:
        with storage.open(bucket, origin.key) as opened:
            if opened.info.etag != origin.info.etag:
                raise ChangedError(f"{redacted_text(origin.key)} changed")
            yield opened.stream
    except ObjectNotFoundError as error:
        raise ChangedError(f"{redacted_text(origin.key)} was deleted") from error


def _outcome(origin: Origin) -> str:
    if RELEASE in origin.info.metadata:
        return "released"
    return "reported" if origin.policy.action is Action.REPORT else "wrong_bucket"
