"""The batches of an Excel workbook, which a worker reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from raw_to_curated.curate import Batch
from raw_to_curated.reasons import ObjectReason
from raw_to_curated.records import Records
from raw_to_curated.sources.model import Source
from raw_to_curated.typed_files.cells import check_header, workbook_records
from raw_to_curated.typed_files.child import most_bytes, worker

MAX_WORKBOOK_BYTES = 512 * 1024**2
"""Most that the parts of a workbook may unpack to; more takes too long to read."""


def batches(source: Source, path: Path, folder: Path) -> Iterator[Batch]:
    """The rows of the only sheet. `folder` takes the worker's messages. Raises RejectedError."""
    task = {
        "format": "excel",
        "path": str(path),
        "most_bytes": min(most_bytes(path.stat().st_size), MAX_WORKBOOK_BYTES),
    }
    with worker(task, folder, ObjectReason.CORRUPT_WORKBOOK) as reader:
        header = check_header(source, json.loads(reader.columns()))
        for body in reader.rows():
            yield Batch(len(body), partial(_records, source, header, body))


def _records(source: Source, header: list[str], body: bytes) -> Records:
    return workbook_records(source, header, json.loads(body))
