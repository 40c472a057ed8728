"""Findings in text: documents, JSON, JSON Lines, logs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace

from compliance_guardian.objects.prefilter import suspect_places
from compliance_guardian.objects.results import Located, Progress, UnreadableError
from compliance_guardian.pci.findings import Finding
from compliance_guardian.pci.scan import scan
from datalake.storage import Readable

_BLOCK = 1024**2
_OVERLAP = 1024
"""Text around the end of a block, scanned twice: longer than any finding with its context."""
_MEMBER = re.compile(r'"((?:[^"\\]|\\.){1,200})"\s*:')
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def as_utf8(start: bytes, stream: Readable) -> Readable:
    """The stream in UTF-8 if it begins, as `start` shows, with the mark of UTF-16.

    Raises UnreadableError if it is no text.
    """
    encoding = UTF_16.get(start[:2])
    if encoding:
        return _Transcoded(stream, encoding)
    if b"\x00" in start:
        raise UnreadableError(
            "The object is neither text, nor Parquet, nor packed by gzip or zip. Export it as text."
        )
    return stream


class _Transcoded:
    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def read(self, size: int, /) -> bytes:
        while block := self._stream.read(size):
            if decoded := self._decoder.decode(block).encode():
                return decoded
        return b""


def decoded(content: bytes) -> tuple[str, str]:
    """Text and its encoding: UTF-8 where it is that, else one byte a character."""
    try:
        return content.decode(), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def find(
    stream: Readable, progress: Progress, *, is_json: bool, is_lines: bool
) -> Iterator[Located]:
    """The findings of a text. Of JSON, the member before a finding is its field; if `is_lines`,
    each line is a row."""
    carried, known, byte, line, column = b"", 0, 0, 1, 1
    while True:
        block = stream.read(_BLOCK)
        progress.size += len(block)
        content = carried + block
        # Findings are reported between `known` and `end`; what stands around them is context.
        end = len(content)
        if block:
            end = max(_character_begin(content, len(content) - _OVERLAP), known)
        text, encoding = decoded(content)
        done = len(content[:known].decode(encoding))
        limit = len(content[:end].decode(encoding))
        for finding in _findings(text, done, limit):
            between = text[done : finding.start]
            byte += len(between.encode(encoding))
            line, column = _moved(line, column, between)
            done = finding.start
            yield Located(
                finding,
                field=_member(text, finding.start) if is_json else "",
                byte=byte,
                size=len(text[finding.start : finding.end].encode(encoding)),
                line=line,
                column=column,
                row=line if is_lines else None,
            )
        byte += len(text[done:limit].encode(encoding))
        line, column = _moved(line, column, text[done:limit])
        if not block:
            progress.rows = (line if column > 1 else line - 1) if is_lines else 0
            return
        begin = _character_begin(content, end - _OVERLAP)
        carried, known = content[begin:], end - begin


def _findings(text: str, begin: int, end: int) -> Iterator[Finding]:
    """The findings that start between two places of a text, from left to right."""
    for start, stop in suspect_places(text):
        first, last = max(begin, start), min(end, stop)
        if first >= last:
            continue
        base = max(0, first - _OVERLAP)
        for finding in scan(text[base : last + _OVERLAP]):
            if first <= finding.start + base < last:
                yield replace(finding, start=finding.start + base, end=finding.end + base)


def _moved(line: int, column: int, text: str) -> tuple[int, int]:
    breaks = text.count("\n")
    if breaks:
        return line + breaks, len(text) - text.rfind("\n")
    return line, column + len(text)


def _character_begin(content: bytes, end: int) -> int:
    """The greatest position up to `end` at which a character of UTF-8 may begin."""
    while 0 < end < len(content) and content[end] & 0xC0 == 0x80:
        end -= 1
    return max(end, 0)


def _member(text: str, position: int) -> str:
    """The name of the JSON member whose value is at a position."""
    found = None
    for found in _MEMBER.finditer(text, max(0, position - 400), position):  # noqa: B007
        pass
    return found[1] if found else ""
