"""Lines of text in the encodings that a source declares, each line decided by itself.

So an object reads the same whole and in parts. UTF-8 with one byte missing must not pass for the
fallback, in which every byte has some meaning: a line that is not UTF-8 but looks as if it had been
is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import polars as pl

from raw_to_curated.sources.model import Source

# A lead byte and a byte that may follow it (RFC 3629, section 4).
_UTF8_BEGIN = re.compile(
    rb"[\xc2-\xdf\xe1-\xec\xee\xef\xf1-\xf3][\x80-\xbf]|\xe0[\xa0-\xbf]|\xed[\x80-\x9f]"
    rb"|\xf0[\x90-\xbf]|\xf4[\x80-\x8f]"
)
_LEAD_AT_END = re.compile(rb"[\xc2-\xf4]\Z")
_TWO_BYTE_LEADS = range(0xC2, 0xDF)
_LINE_END = ord("\n")


class UndecodableError(Exception):
    """Lines are not in the only encoding. The bytes `found` are at `position` of the lines; their
    own line begins at `line_begin`."""

    def __init__(self, line_begin: int, position: int, found: bytes) -> None:
        self.line_begin = line_begin
        self.position = position
        self.found = found
        super().__init__(f"{found.hex(' ')} at {position}")


class LineDecoder:
    """Decodes the lines of one object; `seen` collects the encodings of those beyond ASCII."""

    def __init__(self, source: Source) -> None:
        self._fallback = source.encodings[1] if len(source.encodings) > 1 else None
        self.seen: set[str] = set()
        if self._fallback is not None:
            self._cut_letter = _cut_letter(self._fallback, source.delimiter)

    def decode(self, text: bytes) -> tuple[bytes, list[int]]:
        """Whole lines in UTF-8, and the indexes of those that no encoding fits.

        Of these the text shows bytes that are not UTF-8 as `\\xe9`. Only the last line of an object
        may lack its line end. Raises UndecodableError if the source has no fallback.
        """
        if text.isascii():
            return text, []
        if _is_utf8(text):
            self.seen.add("utf-8")
            return text, []
        if self._fallback is None:
            raise _undecodable(text)
        return self._line_by_line(text, self._fallback)

    def _line_by_line(self, text: bytes, fallback: str) -> tuple[bytes, list[int]]:
        pieces: list[bytes] = []
        invalid: list[int] = []
        done = 0
        for index, begin, end in _lines_beyond_ascii(text):
            line = text[begin:end]
            if _decoded(line, "utf-8") is not None:
                self.seen.add("utf-8")
                continue
            decoded = None if self._looks_like_utf8(line) else _decoded(line, fallback)
            if decoded is None:
                invalid.append(index)
                decoded = line.decode(errors="backslashreplace").encode()
            else:
                self.seen.add(fallback)
            pieces += [text[done:begin], decoded]
            done = end
        return b"".join([*pieces, text[done:]]), invalid

    def _looks_like_utf8(self, line: bytes) -> bool:
        """Whether a line holds a character of UTF-8, or the beginning of one that was cut."""
        return any(form.search(line) for form in (_UTF8_BEGIN, _LEAD_AT_END, self._cut_letter))


def encoding_name(source: Source, seen: Iterable[str]) -> str:
    """The encodings of an object's lines for its report; plain ASCII is UTF-8."""
    found = set(seen) or {source.encodings[0]}
    return ", ".join(sorted(found, key=[*source.encodings, *found].index))


def _undecodable(text: bytes) -> UndecodableError:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        begin = text.rfind(b"\n", 0, error.start) + 1
        return UndecodableError(begin, error.start, text[error.start : error.end])
    raise AssertionError("the text is valid UTF-8")


def _cut_letter(fallback: str, delimiter: str) -> re.Pattern[bytes]:
    """The first of two bytes of UTF-8 without the second, at the end of a field: a capital letter
    of the fallback that follows a small one."""
    capitals = bytes(
        lead
        for lead in _TWO_BYTE_LEADS
        if bytes([lead]).decode(fallback, errors="replace").isupper()
    )
    capital = b"[%b]" % capitals if capitals else b"(?!)"
    end = re.escape(delimiter.encode())
    return re.compile(rb"[a-z]%b(?:%b|[\"\r\n]|\Z)" % (capital, end))


def _lines_beyond_ascii(text: bytes) -> Iterable[tuple[int, int, int]]:
    """Index, begin and end, behind the line end, of each line with a byte above 127."""
    array = np.frombuffer(text, np.uint8)
    begins = np.concatenate([[0], np.flatnonzero(array == _LINE_END) + 1, [len(text)]])
    indexes = np.unique(np.searchsorted(begins, np.flatnonzero(array > 127), side="right") - 1)
    yield from zip(
        indexes.tolist(), begins[indexes].tolist(), begins[indexes + 1].tolist(), strict=True
    )


def _is_utf8(text: bytes) -> bool:
    try:
        # For long text a tenth of the time of bytes.decode.
        pl.Series([text]).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _decoded(line: bytes, encoding: str) -> bytes | None:
    try:
        return line.decode(encoding).encode()
    except UnicodeDecodeError:
        return None
