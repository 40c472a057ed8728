from __future__ import annotations

import io
from pathlib import Path

import pytest
from polars.exceptions import PanicException

from data_plane.workbooks import packed
from lambda_app.containment import PanicError
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files import workbook
from raw_to_curated.typed_files.frames import FrameReader, FrameTooLargeError, FrameWriter
from raw_to_curated.typed_files.worker import main


def rejection(path: Path) -> RejectedError:
    stream = io.BytesIO()
    main({"format": "excel", "path": str(path), "most_bytes": 10**6}, FrameWriter(stream))
    stream.seek(0)
    with pytest.raises(RejectedError) as caught:
        FrameReader(stream.read, ObjectReason.CORRUPT_WORKBOOK).columns()
    return caught.value


def test_a_rejection_is_a_frame(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(packed({"nothing": ""}))
    assert rejection(tmp_path / "a.xlsx").reason is ObjectReason.CORRUPT_WORKBOOK


PANIC = PanicException("Cannot allocate memory to hold CompactString")


@pytest.mark.parametrize("error", [MemoryError(), FrameTooLargeError(), PANIC])
def test_too_much_memory_is_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(workbook, "send", failing)
    assert rejection(tmp_path).reason is ObjectReason.READER_STOPPED


def test_another_panic_ends_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(workbook, "send", failing)
    with pytest.raises(PanicError, match="index out of bounds"):
        rejection(tmp_path)
