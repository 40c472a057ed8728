"""The process that reads one Parquet file or workbook and sends its rows as frames.

    python -m raw_to_curated.typed_files.worker < task.json

A task: {"format": "parquet" or "excel", "path": the file, "most_bytes": of text that it may unpack
to, and for Parquet "groups": the numbers of the row groups to read}.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from lambda_app.containment import PanicError, contained
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files.frames import FrameTooLargeError, FrameWriter, Kind
from raw_to_curated.typed_files.limits import MEMORY_MIB, set_limits

# As Rust libraries say it when they panic instead of ending the process.
_NO_MEMORY = "allocate memory"


def main(task: dict[str, Any], frames: FrameWriter) -> None:
    """Do a task; a RejectedError or a lack of memory becomes the last frame."""
    try:
        with contained():
            _send(task, frames)
        frames.send(Kind.END)
    except RejectedError as rejected:
        told = {"reason": rejected.reason, "message": rejected.message, "details": rejected.details}
        frames.send_json(Kind.REJECTED, told)
    except (MemoryError, FrameTooLargeError):
        _tell_of_memory(frames)
    except PanicError as panic:
        if _NO_MEMORY not in str(panic):
            raise
        _tell_of_memory(frames)


def _send(task: dict[str, Any], frames: FrameWriter) -> None:
    # Only what the task needs: a workbook is read without polars.
    if task["format"] == "parquet":
        from raw_to_curated.typed_files import parquet_rows

        parquet_rows.send(frames, task["path"], task["groups"], task["most_bytes"])
    else:
        from raw_to_curated.typed_files import workbook

        workbook.send(frames, task["path"], task["most_bytes"])


def _tell_of_memory(frames: FrameWriter) -> None:
    message = (
        f"Some rows of the object take more memory than {MEMORY_MIB} MiB, or more than fits "
        "into a message. Values of this size belong into no table; leave them out."
    )
    told = {"reason": ObjectReason.READER_STOPPED, "message": message, "details": {}}
    frames.send_json(Kind.REJECTED, told)


if __name__ == "__main__":
    set_limits()
    pipe = os.fdopen(os.dup(1), "wb")
    # What a library prints goes to the log, not between frames.
    os.dup2(2, 1)
    main(json.load(sys.stdin), FrameWriter(pipe))
