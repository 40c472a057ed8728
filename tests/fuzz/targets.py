"""What is fuzzed: from bytes to an outcome, and the laws that every outcome keeps."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import functions
from curated_to_prod.reports import UnusableReportError
from curated_to_prod.service import Service as Publishing
from curated_to_prod.service import UnsettledError
from curated_to_prod.settings import Settings as PublishingSettings
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from fuzz import compliance
from fuzz.laws import law
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import CreatedObject, created_object
from raw_to_curated.parts import is_divisible
from raw_to_curated.reasons import RejectedError
from raw_to_curated.service import Service, Status
from raw_to_curated.settings import Settings
from raw_to_curated.sources import source_of
from raw_to_curated.sources.model import PROVIDED
from raw_to_curated.split import SplitService

CORPUS = Path(__file__).parent / "corpus"
_FILES = functions.folder("raw-to-curated") / "events" / "files"
# Small, so that mutated samples have several parts.
_SETTINGS = Settings(
    raw_bucket="raw", curated_bucket="curated", quarantine_bucket="quarantine", split_mb=600 / 2**20
)
_PUBLISHING = PublishingSettings(curated_bucket="curated", prod_bucket="prod")
_LONGEST_MESSAGE = 2_000


@dataclass(frozen=True)
class Target:
    """`run` raises for an input that breaks a law; `seeds` are inputs to start from, by name."""

    run: Callable[[bytes], None]
    samples: Mapping[str, bytes]
    name: str

    @property
    def seeds(self) -> dict[str, bytes]:
        """The samples, and the inputs that were kept because they once failed."""
        kept = sorted((CORPUS / self.name).glob("*"))
        return {**self.samples, **{path.name: path.read_bytes() for path in kept}}


def raw_object(key: str) -> Callable[[bytes], None]:
    """Of an object with that key: it is curated or rejected, and all rows are accounted for.

    A second delivery changes nothing, parts give the rows of the whole, and curated rows can be
    published.
    """

    def run(body: bytes) -> None:
        storage = MemoryStorage()
        storage.write("raw", key, body)
        service = Service(storage, _SETTINGS)
        outcome = service.process(CreatedObject(key, "0A"))
        law(outcome.status in (Status.CURATED, Status.REJECTED), f"status {outcome.status}")
        _check_report(storage, key, outcome.status)
        before = storage.snapshot()
        service.process(CreatedObject(key, "0A"))
        law(storage.snapshot() == before, "a second delivery changed something")
        if outcome.status is Status.CURATED:
            report_key = _named(key).report_key
            Publishing(storage, _PUBLISHING).process(report_key)
        _check_parts(storage, key, body, outcome.status)

    return run


def _named(key: str) -> CuratedObject:
    return CuratedObject.of(key.partition("/")[0], key)


def _check_report(storage: MemoryStorage, key: str, status: Status) -> None:
    named = _named(key)
    if status is Status.REJECTED:
        report = json.loads(storage.get("curated", named.rejection_key).body)
        message = report["message"]
        law(0 < len(message) <= _LONGEST_MESSAGE, f"a message of {len(message)} characters")
        law("Traceback" not in message, "a traceback as a message")
        return
    report = json.loads(storage.get("curated", named.report_key).body)
    accounted = (
        sum(report["rows_curated"].values())
        + report["rows_quarantined"]
        + report["exact_duplicates"]
    )
    law(report["rows_in"] == accounted, f"{report['rows_in']} rows in, {accounted} accounted for")


def _check_parts(storage: MemoryStorage, key: str, body: bytes, status: Status) -> None:
    source = source_of(key)
    try:
        if source is None or not is_divisible(source, key):
            return
    except RejectedError:
        return
    divided = MemoryStorage()
    divided.write("raw", key, body)
    steps = SplitService(divided, _SETTINGS)
    plan = steps.handle({"action": "plan", "bucket": "raw", "key": key})
    if plan["status"] == "planned":
        for step in [*plan["parts"], plan["finish"]]:
            answer = steps.handle(json.loads(json.dumps(step)))
        final = answer["status"]
    else:
        final = plan["status"]
    law(final == status.value, f"{status} as a whole, {final} in parts")
    if status is Status.CURATED:
        for table in (table.name for table in source.tables):
            given = [c.name for c in source.table.columns if c.name not in PROVIDED]
            whole, parts = (_rows(s, key, table, given) for s in (storage, divided))
            law(whole.equals(parts), f"{table}: other rows in parts than as a whole")


def _rows(storage: MemoryStorage, key: str, table: str, columns: list[str]) -> pl.DataFrame:
    report = json.loads(storage.get("curated", _named(key).report_key).body)
    outputs = [output for output in report["outputs"] if output["table"] == table]
    frames = [pl.read_parquet(storage.get(o["bucket"], o["key"]).body) for o in outputs]
    return pl.concat(frames).select(columns).sort(columns)


def message(body: bytes) -> None:
    """Of a message: an object, nothing to do, or a poison message."""
    try:
        found = created_object(body.decode(errors="surrogateescape"), "raw")
    except PoisonMessageError:
        return
    law(found is None or bool(found.key), "an object without a key")


def curated_report(body: bytes) -> None:
    """Of a report in the curated bucket: published, ignored, unusable for good, or not settled yet,
    as its files are not there."""
    storage = _published_shop()
    key = _named(_SHOP_KEY).report_key
    storage.write("curated", key, body)
    try:
        Publishing(storage, _PUBLISHING).process(key)
    except (UnusableReportError, UnsettledError):
        return


_SHOP_KEY = "online-retail/sample.csv"


def _published_shop() -> MemoryStorage:
    storage = MemoryStorage()
    storage.write("raw", _SHOP_KEY, _sample("online-retail-sample.csv"))
    Service(storage, _SETTINGS).process(CreatedObject(_SHOP_KEY, "0A"))
    return storage


def _sample(name: str) -> bytes:
    return (_FILES / name).read_bytes()


def _gzip_and_zip(text: bytes) -> tuple[bytes, bytes]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("sample.csv"), text)
    return gzip.compress(text, mtime=0), target.getvalue()


_EVENT = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {
        "bucket": {"name": "raw"},
        "object": {
            "key": "online-retail/a b+ü.csv",
            "etag": "a",
            "sequencer": "0A",
            "version-id": "1",
        },
    },
}


def targets() -> dict[str, Target]:
    """All targets by name."""
    shop = _sample("online-retail-sample.csv")
    packed, archive = _gzip_and_zip(shop)
    report = _published_shop().get("curated", _named(_SHOP_KEY).report_key).body
    made = {
        "csv": (raw_object("online-retail/a.csv"), {"sample": shop}),
        "csv-fallback": (
            raw_object("price-list/a.csv"),
            {"sample": _sample("price-list-sample.csv")},
        ),
        "aligned": (raw_object("cdnow/a.txt"), {"sample": _sample("cdnow-sample.txt")}),
        "json-lines": (
            raw_object("customer-master/a.jsonl"),
            {"sample": _sample("customer-master-sample.jsonl")},
        ),
        "gzip": (raw_object("online-retail/a.csv.gz"), {"sample": packed}),
        "zip": (raw_object("online-retail/a.csv.zip"), {"sample": archive}),
        "parquet": (
            raw_object("card-transactions/a.parquet"),
            {"sample": _sample("card-transactions-sample.parquet")},
        ),
        "excel": (raw_object("price-list/a.xlsx"), {"sample": _sample("price-list-sample.xlsx")}),
        "message": (message, {"sample": json.dumps(_EVENT, ensure_ascii=False).encode()}),
        "report": (curated_report, {"sample": report}),
        **compliance.targets(),
    }
    return {name: Target(run, samples, name) for name, (run, samples) in made.items()}
