"""A stream of text cut into chunks of whole records, in UTF-8 with line ends \\n.

Chunks end where no quoted field can be open, so that each can be parsed by itself, and at places
that depend on the text only. Memory is bounded by a chunk and by the longest line believed.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from datalake.storage import Readable
from raw_to_curated.decoding import LineDecoder, UndecodableError
from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason

CHUNK_BYTES = 6 * 1024**2
MAX_LINE_BYTES = 1024**2
"""A longer line is no row of a table: a line end or a quotation mark went missing."""
KEPT_OF_LONG_LINE = 4096
UTF8_BOM = b"\xef\xbb\xbf"

_LINE_END = ord("\n")
_OTHER_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclass(frozen=True)
class LineChunk:
    """Whole lines; `first_line` counts from 1. `faults` are the lines, by number, that cannot be
    rows whatever they hold: what is here of them is only shown."""

    text: bytes
    first_line: int
    faults: Mapping[int, RowReason] = field(default_factory=dict)

    @cached_property
    def line_ends(self) -> int:
        """How many lines the text ends."""
        # Three times as fast as bytes.count, and other threads run meanwhile.
        return int(np.count_nonzero(np.frombuffer(self.text, np.uint8) == _LINE_END))

    @cached_property
    def has_bom(self) -> bool:
        """Whether there is a byte order mark; the one at the object's start is gone."""
        # The search for one byte is many times as fast.
        return b"\xef" in self.text and UTF8_BOM in self.text


# From a chunk, the offset at which the first record begins that may go on in the text to come; the
# length of its text if there is none.
OpenRecord = Callable[[LineChunk], int]


@dataclass(frozen=True)
class _Piece:
    """Whole lines as they came, from this offset in the object's text. Of a line that `is_long`
    there is only the beginning."""

    text: bytes
    offset: int
    is_long: bool = False


def line_chunks(
    stream: Readable, decoder: LineDecoder, open_record: OpenRecord, offset: int = 0
) -> Iterator[LineChunk]:
    """Cut the text of an object from this offset on into chunks of about CHUNK_BYTES, of whole
    records.

    Lines are numbered from `offset` + 1: before an offset there are at most as many lines as
    bytes, so that the numbers of parts ascend. Raises RejectedError.
    """
    rest = LineChunk(b"", offset + 1)
    for pieces in _whole_lines(_blocks(stream, offset)):
        text, faults = rest.text, dict(rest.faults)
        for piece in pieces:
            nul = piece.text.find(b"\x00")
            if nul >= 0:
                before = text + piece.text[:nul]
                raise _with_nul(piece, nul, _number(rest, before) if offset == 0 else None)
            try:
                lines, invalid = decoder.decode(piece.text)
            except UndecodableError as error:
                before = text + piece.text[: error.line_begin]
                line = _number(rest, before) if offset == 0 else None
                raise _undecodable(piece.offset, error, line) from error
            if invalid or piece.is_long:
                line = _number(rest, text)
                faults |= {line + index: RowReason.INVALID_ENCODING for index in invalid}
                faults |= {line: RowReason.RECORD_TOO_LONG} if piece.is_long else {}
            text += lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines
        whole = LineChunk(text, rest.first_line, faults)
        chunk, rest = _cut(whole, open_record(whole))
        if chunk.text:
            yield chunk
    if rest.text:
        yield rest


def _cut(chunk: LineChunk, position: int) -> tuple[LineChunk, LineChunk]:
    if position == len(chunk.text):
        return chunk, LineChunk(b"", chunk.first_line + chunk.line_ends)
    line = chunk.first_line + chunk.text.count(b"\n", 0, position)
    before = {number: why for number, why in chunk.faults.items() if number < line}
    after = {number: why for number, why in chunk.faults.items() if number >= line}
    return (
        LineChunk(chunk.text[:position], chunk.first_line, before),
        LineChunk(chunk.text[position:], line, after),
    )


def _number(rest: LineChunk, before: bytes) -> int:
    """The number of the line behind `before`, which begins with what is left of earlier text."""
    return rest.first_line + before.count(b"\n")


def _blocks(stream: Readable, offset: int) -> Iterator[tuple[int, bytes]]:
    """The blocks of a text and their offsets, without a byte order mark at the object's start."""
    position = offset
    while block := stream.read(CHUNK_BYTES):
        text = block
        if position == 0:
            _refuse_other_boms(block)
            text = block.removeprefix(UTF8_BOM)
        position += len(block)
        yield position - len(text), text


def _with_nul(piece: _Piece, position: int, line: int | None) -> RejectedError:
    where = f", in line {line}" if line is not None else ""
    kind = "binary, damaged or encoded in UTF-16"
    start = piece.text[:64]
    for nul_at, encoding in ((1, "UTF-16LE"), (0, "UTF-16BE")):
        if len(start) > 3 and not any(start[nul_at::2]) and all(start[1 - nul_at :: 2]):
            kind = f"encoded in {encoding}"
    return RejectedError(
        ObjectReason.NUL_BYTE,
        f"There is a NUL byte at offset {piece.offset + position} of the text{where}: the object "
        f"is {kind}. Export it again as UTF-8 text.",
    )


def _refuse_other_boms(start: bytes) -> None:
    for mark, encoding in _OTHER_BOMS.items():
        if start.startswith(mark):
            raise RejectedError(
                ObjectReason.WRONG_ENCODING,
                f"The object begins with the byte order mark of {encoding} ({mark.hex(' ')}). "
                "Export it again as UTF-8.",
            )


def _undecodable(offset: int, error: UndecodableError, line: int | None) -> RejectedError:
    begin = offset + error.line_begin
    where = f"Line {line}" if line is not None else f"The line at offset {begin} of the text"
    return RejectedError(
        ObjectReason.WRONG_ENCODING,
        f"{where} is not valid UTF-8: byte {error.position - error.line_begin + 1} of the line, at "
        f"offset {offset + error.position} of the text, is {error.found.hex(' ').upper()}. Export "
        "the file again as UTF-8, or declare the encoding it has in the source's mapping.",
    )


def _whole_lines(blocks: Iterable[tuple[int, bytes]]) -> Iterator[list[_Piece]]:
    """For each block the lines that end in it; of those that are too long only the beginning."""
    rest, offset = b"", 0
    long: _Piece | None = None
    for block_offset, block in blocks:
        text, offset = rest + block, block_offset - len(rest)
        pieces: list[_Piece] = []
        begin = position = 0
        if long is not None:
            begin = position = text.find(b"\n") + 1 or len(text)
            if text.endswith(b"\n", 0, begin):
                pieces.append(_Piece(long.text + b"\n", long.offset, is_long=True))
                long = None
        while len(text) - position > MAX_LINE_BYTES:
            end = text.rfind(b"\n", position, position + MAX_LINE_BYTES + 1)
            if end >= 0:
                position = end + 1
                continue
            pieces.append(_Piece(text[begin:position], offset + begin))
            end = text.find(b"\n", position + MAX_LINE_BYTES)
            long = _Piece(_beginning(text[position:]), offset + position, is_long=True)
            begin = position = end + 1 or len(text)
            if end >= 0:
                pieces.append(_Piece(long.text + b"\n", long.offset, is_long=True))
                long = None
        cut = max(text.rfind(b"\n") + 1, begin)
        pieces.append(_Piece(text[begin:cut], offset + begin))
        yield pieces
        offset += cut
        rest = text[cut:]
    if long is not None:
        yield [long]
    elif rest:
        yield [_Piece(rest, offset)]


def _beginning(line: bytes) -> bytes:
    """Without the character that the cut would split."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    return decoder.decode(line[:KEPT_OF_LONG_LINE]).encode()
