"""The curated parts of a large object, put together as if it had been curated whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from datalake.quality_report import CuratedReport, OutputFile
from datalake.storage import ObjectInfo
from raw_to_curated.curate import Counts
from raw_to_curated.decoding import encoding_name
from raw_to_curated.distinct import repeated_across
from raw_to_curated.independent_count import of_parts
from raw_to_curated.publish import Publisher
from raw_to_curated.report import curated_report
from raw_to_curated.results import new_summary, rewritten, table_of
from raw_to_curated.sources.model import Source
from raw_to_curated.staging import CuratedPart, Staging
from raw_to_curated.steps import PlannedStep


def put_together(
    source: Source,
    step: PlannedStep,
    info: ObjectInfo,
    parts: Sequence[CuratedPart],
    staging: Staging,
    publisher: Publisher,
) -> CuratedReport:
    """Write the tables without rows that repeat one of an earlier part, and, last, the report.

    Raises NewerVersionError and AccountingError.
    """
    total, summary = Counts(), new_summary(source)
    files: list[OutputFile] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drop = _repeated(parts, staging, folder)
        for number, part in enumerate(parts):
            for staged in part.files:
                file, body = staged.file, staging.get(staged.name)
                if number in drop:
                    body, file, removed, reasons = rewritten(file, body, drop[number], folder)
                    part.counts.remove(file.table, removed, reasons)
                publisher.table(file, body, info.etag)
                files.append(file)
                if summary:
                    summary.add(table_of(file), pl.read_parquet(body))
            total.add(part.counts)
    total.check()
    encodings = {encoding for part in parts for encoding in part.encodings}
    report = curated_report(
        source,
        step.raw_object,
        info,
        encoding=encoding_name(source, encodings),
        dates=step.dates,
        counts=total,
        observed=parts[0].observed,
        outputs=files,
        quality=summary.section() if summary else None,
        counted=of_parts([part.counted for part in parts]),
        parts=[part.part for part in parts],
    )
    publisher.report(report, info)
    return report


def _repeated(
    parts: Sequence[CuratedPart], staging: Staging, folder: Path
) -> dict[int, pl.DataFrame]:
    """From the number of a part to its rows that repeat one of an earlier part."""
    files: list[Path] = []
    for number, part in enumerate(parts):
        path = folder / f"hashes-{number}.arrow"
        pl.concat(pl.read_ipc(staging.get(name)) for name in part.hashes).write_ipc(path)
        files.append(path)
    return dict(repeated_across(files))
