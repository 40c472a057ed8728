from __future__ import annotations

import io

import pytest

from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files import frames
from raw_to_curated.typed_files.frames import (
    HEADER,
    MAX_FRAME_BYTES,
    FrameReader,
    FrameTooLargeError,
    FrameWriter,
    Kind,
)


def reader_of(stream: io.BytesIO) -> FrameReader:
    stream.seek(0)
    return FrameReader(stream.read, ObjectReason.CORRUPT_PARQUET)


def test_what_is_sent_is_read() -> None:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    writer.send_json(Kind.COLUMNS, ["\ud800", 1])
    writer.send(Kind.ROWS, b"some")
    writer.send(Kind.ROWS)
    writer.send(Kind.END)
    reader = reader_of(stream)
    assert reader.columns() == b'["\\ud800", 1]'
    assert list(reader.rows()) == [b"some", b""]


def test_a_rejection_takes_the_place_of_any_frame() -> None:
    stream = io.BytesIO()
    told = {"reason": "not_one_member", "message": "Two.", "details": {"names": ["a"]}}
    FrameWriter(stream).send_json(Kind.REJECTED, told)
    for read in (lambda reader: reader.columns(), lambda reader: list(reader.rows())):
        with pytest.raises(RejectedError, match="Two") as caught:
            read(reader_of(stream))
        assert caught.value.details == {"names": ["a"]}


@pytest.mark.parametrize(
    "sent",
    [
        HEADER.pack(Kind.ROWS, 0),
        HEADER.pack(Kind.COLUMNS, 0) + HEADER.pack(Kind.COLUMNS, 0),
        HEADER.pack(Kind.COLUMNS, 0) + HEADER.pack(99, 0),
        HEADER.pack(Kind.COLUMNS, MAX_FRAME_BYTES + 1),
    ],
)
def test_nonsense_rejects_the_object(sent: bytes) -> None:
    reader = reader_of(io.BytesIO(sent))
    with pytest.raises(RejectedError) as caught:
        reader.columns(), list(reader.rows())
    assert caught.value.reason is ObjectReason.CORRUPT_PARQUET


def test_no_frame_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAME_BYTES", 3)
    with pytest.raises(FrameTooLargeError):
        FrameWriter(io.BytesIO()).send(Kind.ROWS, b"four")
