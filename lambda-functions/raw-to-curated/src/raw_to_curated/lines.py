"""A stream of text cut into chunks of whole records, in UTF-8 with line ends \\n.

Chunks end where no quoted field can be open, so that each can be parsed by itself, and at places
that depend on the text only. Memory is bounded by a chunk and by the longest line believed.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datalake.storage import Readable
from raw_to_curated.content import refuse_binary
from raw_to_curated.reasons import ObjectReason, RejectedError

CHUNK_BYTES = 6 * 1024**2
MAX_LINE_BYTES = 1024**2
"""A longer line is no row of a table: a line end or a quotation mark went missing."""
KEPT_OF_LONG_LINE = 4096
LONG_LINE = "\uffff\ufffe"
"""Begins what is left of a line that was too long; Unicode has no such characters."""
_LONG_LINE = LONG_LINE.encode()

_LINE_END = ord("\n")
_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


# From text with \n line ends, the offset at which the first record begins that may go on in the
# text to come; the length of the text if there is none.
OpenRecord = Callable[[bytes], int]


@dataclass(frozen=True)
class LineChunk:
    """Whole lines; `first_line` counts from 1. Where `may_have_long_lines` is false no line was cut
    to its beginning, see LONG_LINE."""

    text: bytes
    first_line: int
    may_have_long_lines: bool = False

    @cached_property
    def line_ends(self) -> int:
        """How many lines the text ends."""
        # Three times as fast as bytes.count, and other threads run meanwhile.
        return int(np.count_nonzero(np.frombuffer(self.text, np.uint8) == _LINE_END))


class UndecodableError(Exception):
    """The text is not in the encoding that is tried; `line` is the first such line."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def line_chunks(
    stream: Readable, encoding: str, open_record: OpenRecord, first_line: int = 1
) -> Iterator[LineChunk]:
    """Cut a stream into chunks of about CHUNK_BYTES, of whole records.

    UTF-8 is not validated here but where the lines are parsed. Raises RejectedError for what is no
    text, UndecodableError for other encodings.
    """
    line, rest, any_long = first_line, b"", False
    for lines, has_long in _short_lines(_utf8_blocks(stream, encoding)):
        text = rest + (lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines)
        any_long |= has_long
        cut = open_record(text)
        if cut:
            chunk = LineChunk(text[:cut], line, any_long)
            line += chunk.line_ends
            yield chunk
        rest = text[cut:]
    if rest:
        yield LineChunk(rest, line, any_long)


def check_utf8(chunk: LineChunk) -> None:
    """Raise UndecodableError if a chunk is not UTF-8."""
    try:
        chunk.text.decode()
    except UnicodeDecodeError as error:
        line = chunk.first_line + chunk.text.count(b"\n", 0, error.start)
        raise UndecodableError(line) from error


def _utf8_blocks(stream: Readable, encoding: str) -> Iterator[bytes]:
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    decoder = None if is_utf8 else codecs.getincrementaldecoder(encoding)()
    offset = lines = 0
    while block := stream.read(CHUNK_BYTES):
        if offset == 0:
            refuse_binary(block)
            if is_utf8:
                _refuse_other_boms(block)
        text = block.removeprefix(_UTF8_BOM) if offset == 0 else block
        if decoder is not None:
            try:
                text = decoder.decode(block).encode()
            except UnicodeDecodeError as error:
                raise UndecodableError(lines + block.count(b"\n", 0, error.start) + 1) from error
            lines += text.count(b"\n")
        position = text.find(b"\x00")
        if position >= 0:
            raise RejectedError(
                ObjectReason.NUL_BYTE,
                f"There is a NUL byte near offset {offset + position}: the object is binary, "
                "damaged or encoded in UTF-16. Export it again as UTF-8 text.",
            )
        yield text
        offset += len(block)
    if decoder is not None:
        try:
            decoder.decode(b"", True)
        except UnicodeError as error:
            raise UndecodableError(lines + 1) from error


def _refuse_other_boms(start: bytes) -> None:
    for mark, encoding in _OTHER_BOMS.items():
        if start.startswith(mark):
            raise RejectedError(
                ObjectReason.WRONG_ENCODING,
                f"The object is encoded in {encoding}. Export it again as UTF-8.",
            )


def _short_lines(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Whole lines, and whether any so far was too long; of those there is only the beginning."""
    rest, skips, any_long = b"", False, False
    for block in blocks:
        if skips:
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skips = block[end:], False
        text = rest + block
        pieces: list[bytes] = []
        begin = position = 0
        while len(text) - position > MAX_LINE_BYTES:
            end = text.rfind(b"\n", position, position + MAX_LINE_BYTES + 1)
            if end >= 0:
                position = end + 1
                continue
            end = text.find(b"\n", position + MAX_LINE_BYTES)
            skips = end < 0
            pieces += [text[begin:position], _beginning(text[position:])]
            begin = position = len(text) if skips else end
        text = b"".join([*pieces, text[begin:]]) if pieces else text
        any_long |= bool(pieces)
        cut = text.rfind(b"\n") + 1
        if cut:
            yield text[:cut], any_long
        rest = text[cut:]
    if rest:
        yield rest, any_long


def _beginning(line: bytes) -> bytes:
    return _LONG_LINE + line[:KEPT_OF_LONG_LINE].decode(errors="ignore").encode()
