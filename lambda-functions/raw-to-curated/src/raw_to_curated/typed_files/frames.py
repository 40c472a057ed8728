"""What goes through the pipe from the worker to the function: frames of a kind, a length, bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import IO, Any

from raw_to_curated.reasons import ObjectReason, RejectedError

HEADER = struct.Struct("!BI")
MAX_FRAME_BYTES = 64 * 1024**2


class Kind(IntEnum):
    """Kinds of frames, in the order in which a worker sends them."""

    COLUMNS = 1
    """JSON: what the file says of its columns."""
    ROWS = 2
    """Some rows."""
    END = 3
    """There are no more rows."""
    REJECTED = 4
    """JSON: why the object cannot be used; takes the place of what would come after."""


class FrameTooLargeError(Exception):
    """More bytes than a frame may have."""


class FrameWriter:
    """Writes frames; waits while the reader is busy."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def send(self, kind: Kind, body: bytes = b"") -> None:
        """Write one frame. Raises FrameTooLargeError."""
        if len(body) > MAX_FRAME_BYTES:
            raise FrameTooLargeError
        self._stream.write(HEADER.pack(kind, len(body)))
        self._stream.write(body)
        self._stream.flush()

    def send_json(self, kind: Kind, content: Any) -> None:
        """Write one frame of JSON. Raises FrameTooLargeError."""
        # Half a surrogate pair in a text of a workbook survives as an escape.
        self.send(kind, json.dumps(content).encode())


class FrameReader:
    """Reads what a worker sends; `read` returns exactly the number of bytes asked for, or raises.

    `corrupt` is the reason for rejecting an object whose worker sends nonsense.
    """

    def __init__(self, read: Callable[[int], bytes], corrupt: ObjectReason) -> None:
        self._read = read
        self._corrupt = corrupt

    def columns(self) -> bytes:
        """What the file says of its columns. Raises RejectedError."""
        kind, body = self._frame()
        if kind != Kind.COLUMNS:
            raise damaged(self._corrupt, "sent rows before their columns")
        return body

    def rows(self) -> Iterator[bytes]:
        """The frames of rows, one at a time as they are asked for. Raises RejectedError."""
        while (frame := self._frame())[0] != Kind.END:
            if frame[0] != Kind.ROWS:
                raise damaged(self._corrupt, "sent what is neither rows nor their end")
            yield frame[1]

    def _frame(self) -> tuple[int, bytes]:
        kind, size = HEADER.unpack(self._read(HEADER.size))
        if size > MAX_FRAME_BYTES:
            raise damaged(self._corrupt, "sent more at once than it may")
        body = self._read(size)
        if kind == Kind.REJECTED:
            told = json.loads(body)
            raise RejectedError(ObjectReason(told["reason"]), told["message"], **told["details"])
        return kind, body


def damaged(corrupt: ObjectReason, what: str) -> RejectedError:
    """The rejection of an object whose worker did what it never does with a sound file."""
    return RejectedError(
        corrupt, f"The object is damaged: the process that read it {what}. Write the file again."
    )
