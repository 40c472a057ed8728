"""The data-quality report of one raw object. Equal input gives an equal report: no clock in it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from datalake.contracts import ORDERS, QUARANTINE
from datalake.storage import ObjectInfo
from lambda_app.s3_events import CreatedObject
from raw_to_curated.curate import Counts
from raw_to_curated.drift import Observed
from raw_to_curated.layout import object_id
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources.model import Source

REPORT_VERSION = "1.1"


def recipe_of(source: Source) -> str:
    """A hash of all that decides what is made of an object, besides the object itself."""
    versions = [(table.name, table.version) for table in (*source.tables, QUARANTINE)]
    # Only orders are assessed, and the rules take long to import.
    rules = source.quality_rules() if source.table is ORDERS else None
    text = repr((REPORT_VERSION, versions, source, rules))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def curated_report(
    source: Source,
    raw_object: CreatedObject,
    info: ObjectInfo,
    *,
    encoding: str,
    counts: Counts,
    observed: Observed,
    outputs: list[dict[str, Any]],
    quality: dict[str, Any] | None,
    parts: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The report on an object that could be used; see README for its fields.

    `outputs` are the facts of the files, `parts` describes those of an object that was split.
    """
    return {
        **_head(source.name, raw_object, info, "curated"),
        "recipe": recipe_of(source),
        "encoding": encoding,
        "rows_in": counts.rows_in,
        "rows_curated": {table.name: counts.curated[table.name] for table in source.tables},
        "rows_quarantined": counts.quarantined,
        "quarantine_reasons": dict(sorted(counts.reasons.items())),
        "exact_duplicates": counts.exact_duplicates,
        "blank_lines": counts.blank_lines,
        "columns": observed.columns,
        "retyped_columns": observed.retyped,
        **({"parts": parts} if parts else {}),
        "outputs": outputs,
        "quality": quality,
    }


def rejection_report(
    source: str, raw_object: CreatedObject, info: ObjectInfo | None, rejected: RejectedError
) -> dict[str, Any]:
    """The report on an object that was rejected as a whole."""
    return {
        **_head(source, raw_object, info, "rejected"),
        "reason": rejected.reason.value,
        "message": rejected.message,
        "details": rejected.details,
    }


def to_json(report: dict[str, Any]) -> bytes:
    """The report as UTF-8 JSON, the same bytes for the same report."""
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()


def _head(
    source: str, raw_object: CreatedObject, info: ObjectInfo | None, status: str
) -> dict[str, Any]:
    return {
        "report_version": REPORT_VERSION,
        "status": status,
        "source": source,
        "object_key": raw_object.key,
        "object_id": object_id(raw_object.key),
        "etag": info.etag if info else raw_object.etag,
        "version_id": raw_object.version_id,
        "sequencer": raw_object.sequencer or None,
        "bytes_in": info.size if info else None,
    }
