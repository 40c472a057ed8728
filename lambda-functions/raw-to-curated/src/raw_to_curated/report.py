"""The data-quality report of one raw object. Equal input gives an equal report: no clock in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from datalake.contracts.curated import ORDERS, QUARANTINE
from datalake.layout import object_id
from datalake.quality_report import (
    REPORT_VERSION,
    CuratedReport,
    IndependentCount,
    OutputFile,
    Part,
    Quality,
    RejectionReport,
)
from datalake.quality_report import DateLimits as ReportedLimits
from datalake.storage import ObjectInfo
from lambda_app.s3_events import CreatedObject
from raw_to_curated.clean import RULES_VERSION
from raw_to_curated.curate import Counts
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.drift import Observed
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources.model import Source


def recipe_of(source: Source) -> str:
    """A hash of all that decides what is made of an object, besides the object and its date."""
    versions = [(table.name, table.version) for table in (*source.tables, QUARANTINE)]
    # Only orders are assessed, and the rules take long to import.
    rules = source.quality_rules() if source.table is ORDERS else None
    text = repr((REPORT_VERSION, RULES_VERSION, versions, source, rules))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def curated_report(
    source: Source,
    raw_object: CreatedObject,
    info: ObjectInfo,
    *,
    encoding: str,
    dates: DateLimits,
    counts: Counts,
    observed: Observed,
    outputs: Sequence[OutputFile],
    quality: Quality | None,
    counted: IndependentCount | None = None,
    parts: Sequence[Part] = (),
) -> CuratedReport:
    """The report on an object that could be used; `parts` are those of an object that was split."""
    return CuratedReport(
        **_head(source.name, raw_object, info),
        recipe=recipe_of(source),
        encoding=encoding,
        rows_in=counts.rows_in,
        rows_curated={table.name: counts.curated[table.name] for table in source.tables},
        rows_quarantined=counts.quarantined,
        quarantine_reasons=dict(sorted(counts.reasons.items())),
        exact_duplicates=counts.exact_duplicates,
        blank_lines=counts.blank_lines,
        date_limits=ReportedLimits(**vars(dates)) if source.has_dates else None,
        counted_independently=counted,
        columns=observed.columns,
        retyped_columns=tuple(observed.retyped),
        parts=tuple(parts),
        outputs=tuple(outputs),
        quality=quality,
    )


def rejection_report(
    source: str,
    raw_object: CreatedObject,
    info: ObjectInfo | None,
    rejected: RejectedError,
    *,
    provisional: bool = False,
) -> RejectionReport:
    """The report on an object that was rejected as a whole."""
    return RejectionReport(
        **_head(source, raw_object, info),
        provisional=provisional,
        reason=rejected.reason.value,
        message=rejected.message,
        details=rejected.details,
    )


def _head(source: str, raw_object: CreatedObject, info: ObjectInfo | None) -> dict[str, Any]:
    return {
        "source": source,
        "object_key": raw_object.key,
        "object_id": object_id(raw_object.key),
        "etag": info.etag if info else raw_object.etag,
        "version_id": raw_object.version_id,
        "sequencer": raw_object.sequencer or None,
        "bytes_in": info.size if info else None,
    }
