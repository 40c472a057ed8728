"""A copy of a text with some of its values replaced and every other byte as it was."""

from __future__ import annotations

import codecs
import io
import re
import shutil
import tempfile
from collections.abc import Iterable
from typing import IO

from compliance_guardian.objects.reader import is_json
from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.objects.text import UTF_16, decoded
from compliance_guardian.pci.findings import Finding
from compliance_guardian.policies.edits import Span
from compliance_guardian.policies.values import Replacement, encoding_of

_BLOCK = 1024**2
_START = 64 * 1024
_CELL = b"<v>"
"""What stands before a number in a sheet of an Excel workbook."""


def rewrite(
    source: IO[bytes], target: IO[bytes], spans: Iterable[Span], replacement: Replacement
) -> None:
    """Copy a file from its beginning. The spans are in UTF-8, also where the file is in UTF-16.

    Raises UnreadableError if a file in UTF-16 is damaged.
    """
    start = source.read(_START)
    source.seek(0)
    encoding = UTF_16.get(start[:2])
    if encoding is None:
        _Copy(source, target, replacement, is_json=is_json(start)).run(spans)
        return
    with tempfile.TemporaryFile() as readable, tempfile.TemporaryFile() as written:
        _transcode(source, readable, encoding, "utf-8")
        is_document = is_json(readable.read(_START))
        readable.seek(0)
        _Copy(readable, written, replacement, is_json=is_document).run(spans)
        written.seek(0)
        _transcode(written, target, "utf-8", encoding)


def in_json(text: str, findings: Iterable[Finding], replacement: Replacement) -> str:
    """A JSON text with its findings replaced; numbers stay numbers."""
    target = io.BytesIO()
    spans = (
        Span(
            len(text[: finding.start].encode()),
            len(text[: finding.end].encode()),
            finding.kind,
            encoding_of(finding),
        )
        for finding in findings
    )
    rewrite(io.BytesIO(text.encode()), target, spans, replacement)
    return target.getvalue().decode()


def _transcode(source: IO[bytes], target: IO[bytes], encoding: str, into: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := source.read(_BLOCK):
            target.write(decoder.decode(block).encode(into))
        target.write(decoder.decode(b"", final=True).encode(into))
    except UnicodeError as error:
        raise UnreadableError("The text is not valid UTF-16. Save it again as UTF-8.") from error
    target.seek(0)


class _Copy:
    def __init__(
        self, source: IO[bytes], target: IO[bytes], replacement: Replacement, *, is_json: bool
    ) -> None:
        self._source = source
        self._target = target
        self._replacement = replacement
        self._strings = _Strings() if is_json else None
        self._position = 0
        self._before = b""

    def run(self, spans: Iterable[Span]) -> None:
        for span in spans:
            start = max(span.start, self._position)
            if start >= span.end:
                continue
            self._copy(start - self._position)
            value = self._source.read(span.end - start)
            self._position = span.end
            if self._strings:
                self._strings.read(value)
            self._write(self._replaced(value, span))
        shutil.copyfileobj(self._source, self._target, _BLOCK)

    def _copy(self, size: int) -> None:
        while size:
            block = self._source.read(min(size, _BLOCK))
            if not block:
                raise EOFError("a value to replace is behind the end of the file")
            size -= len(block)
            self._position += len(block)
            if self._strings:
                self._strings.read(block)
            self._write(block)

    def _write(self, content: bytes) -> None:
        self._target.write(content)
        self._before = (self._before + content)[-len(_CELL) :]

    def _replaced(self, value: bytes, span: Span) -> bytes:
        is_number = self._before == _CELL or (self._strings and not self._strings.is_open)
        if is_number and value.isdigit():
            number = self._replacement.of_number(value.decode(), span.kind)
            # Blanks behind a number change neither JSON nor XML, and keep the places of the rest.
            return number.encode().ljust(len(value))
        text, encoding = decoded(value)
        return self._replacement.of(text, span.kind, span.encoding).encode(encoding)


class _Strings:
    """Whether a place of a JSON text is inside of a string, line by line: no string has more."""

    def __init__(self) -> None:
        self.is_open = False
        self._is_escaped = False

    def read(self, content: bytes) -> None:
        begin = content.rfind(b"\n") + 1
        if begin:
            self.is_open = self._is_escaped = False
        line = content[begin:]
        if self._is_escaped:
            line = line[1:] if line else line
        marks = re.sub(rb"\\.", b"", line, flags=re.DOTALL) if b"\\" in line else line
        if content[begin:]:
            self._is_escaped = marks.endswith(b"\\")
        self.is_open ^= marks.count(b'"') % 2 == 1
