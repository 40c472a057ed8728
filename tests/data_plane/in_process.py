"""A worker without a process of its own, for tests of what is read and not of how it can die."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from raw_to_curated.reasons import ObjectReason
from raw_to_curated.typed_files.frames import FrameReader, FrameWriter
from raw_to_curated.typed_files.worker import main


@contextmanager
def worker(task: dict[str, Any], folder: Path, corrupt: ObjectReason) -> Iterator[FrameReader]:
    stream = io.BytesIO()
    main(task, FrameWriter(stream))
    stream.seek(0)
    yield FrameReader(stream.read, corrupt)
