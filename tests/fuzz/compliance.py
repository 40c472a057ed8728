"""Targets of compliance-guardian: scans of objects, releases from the inbox, places of a text."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Mapping

import polars as pl

from compliance_guardian import batch
from compliance_guardian.adapter import BatchSettings, InboxSettings
from compliance_guardian.inbox import Inbox
from compliance_guardian.insights import INBOX, RAW, key_hash, partition
from compliance_guardian.objects.prefilter import suspect_places
from compliance_guardian.pci.scan import scan
from datalake.contracts.insights import COMPLIANCE_FINDINGS, COMPLIANCE_SCANS
from datalake.files import decode
from datalake.layout import BlockedObject
from datalake.memory import MemoryStorage
from fuzz.laws import law
from lambda_app.s3_events import CreatedObject

_BATCH = BatchSettings(raw_bucket="raw", insights_bucket="insights")
_INBOX = InboxSettings(
    inbox_bucket="inbox",
    raw_bucket="raw",
    quarantine_bucket="quarantine",
    insights_bucket="insights",
    pan_hash_key_secret_id="key",
)
_MASKING = "customer-master"
_LONGEST_PROBLEM = 2_000
_SHOWN = re.compile(r"[0-9]{11}")
_NUMBER = "4539578763621486"
_TEXT = (
    f"Dear Mia, my card {_NUMBER[:4]} {_NUMBER[4:8]} {_NUMBER[8:12]} {_NUMBER[12:]}, valid thru "
    "12/28, CVV 123.\nIBAN DE89 3704 0044 0532 0130 00, mia@example.org, +44 7700 900123\n"
    f"NDUzOTU3ODc2MzYyMTQ4Ng== 4539%205787%206362%201486 ４５３９{_NUMBER[4:]}\n"
).encode()
_CSV = (
    f'id,card,note\n1,{_NUMBER},"paid, {_NUMBER}"\n2,,none\n3,"4539\n5787 6362 1486",x\n'.encode()
)
_LINES = f'{{"card": {_NUMBER}}}\n{{"note": "cvv 123", "a": [1, "{_NUMBER}"]}}\n'.encode()


def scanned(key: str) -> Callable[[bytes], None]:
    """Of a raw object with that key: its insights say how far it was scanned and show no number,
    and a second delivery changes nothing."""

    def run(body: bytes) -> None:
        storage = MemoryStorage()
        storage.write("raw", key, body)
        batch.update(storage, _BATCH, CreatedObject(key, "01"))
        _check_insights(storage, RAW, key)
        before = storage.snapshot()
        batch.update(storage, _BATCH, CreatedObject(key, "01"))
        law(storage.snapshot() == before, "a second delivery changed something")

    return run


def released(name: str) -> Callable[[bytes], None]:
    """Of an object in the inbox: its masked copy is released, or a report says why it is not."""
    key = f"{_MASKING}/{name}"

    def run(body: bytes) -> None:
        storage = MemoryStorage()
        storage.write("inbox", key, body)
        Inbox(storage, _INBOX, lambda: b"0" * 32).update(CreatedObject(key, "01"))
        _check_insights(storage, INBOX, key)
        blocked = BlockedObject(_MASKING, key_hash(key)).report_key
        is_released = storage.head("raw", key) is not None
        is_blocked = storage.head("quarantine", blocked) is not None
        law(is_released != is_blocked, f"released: {is_released}, blocked: {is_blocked}")

    return run


def _check_insights(storage: MemoryStorage, bucket: str, key: str) -> None:
    def rows(table: object) -> pl.DataFrame:
        place = partition(table, bucket, key).data_key  # type: ignore[arg-type]
        return decode(table, storage.get("insights", place).body)  # type: ignore[arg-type]

    [result] = rows(COMPLIANCE_SCANS).to_dicts()
    law(result["is_complete"] or bool(result["problem"]), "no word on why a scan is incomplete")
    problem = result["problem"] or ""
    law(len(problem) <= _LONGEST_PROBLEM, f"a problem of {len(problem)} characters")
    law("Traceback" not in problem, "a traceback as a problem")
    for masked in rows(COMPLIANCE_FINDINGS)["masked"]:
        law(not _SHOWN.search(masked), "a masked value shows a number")


def places(body: bytes) -> None:
    """Of a text between others: whatever the rules find begins where the prefilter looks."""
    text = "word\n" * 1_000 + body.decode(errors="replace") + "\nword" * 1_000
    looked = list(suspect_places(text))
    for finding in scan(text):
        law(
            any(start <= finding.start < end for start, end in looked),
            f"{finding.kind} is not where the prefilter looks",
        )


def _parquet() -> bytes:
    buffer = io.BytesIO()
    frame = pl.DataFrame({"id": [1, 2], "card": [_NUMBER, None], "mail": ["a@b.example", "x"]})
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), _CSV)
        archive.writestr(zipfile.ZipInfo("b.txt"), _TEXT)
    return buffer.getvalue()


def targets() -> Mapping[str, tuple[Callable[[bytes], None], Mapping[str, bytes]]]:
    """By name: what runs an input, and samples."""
    samples = {
        "csv": _CSV,
        "jsonl": _LINES,
        "txt": _TEXT,
        "parquet": _parquet(),
        "gz": gzip.compress(_CSV, mtime=0),
        "zip": _zip(),
    }
    return {
        **{
            f"scan-{form}": (scanned(f"shop/a.{form}"), {form: body})
            for form, body in samples.items()
        },
        **{
            f"inbox-{form}": (released(f"a.{form}"), {form: body}) for form, body in samples.items()
        },
        "scan-places": (places, {"txt": _TEXT, "csv": _CSV, "jsonl": _LINES}),
    }
