"""Reads an object in whatever form it has, and gives its findings one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from compliance_guardian.objects import delimited, parquet, text
from compliance_guardian.objects.results import Located, Progress
from compliance_guardian.objects.unpack import files, spooled
from compliance_guardian.pci.scan import scan
from datalake.storage import Readable

_START = 64 * 1024
_JSON = (b"{", b"[")
_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Totals:
    """What was read of an object so far; `rows` are those of its tables."""

    files: int = 0
    rows: int = 0
    size: int = 0


def find(stream: Readable, totals: Totals) -> Iterator[Located]:
    """The findings in an object. Raises UnreadableError where it, or the rest of it, has no form
    that can be read; `totals` then says how far it was read."""
    for name, file in files(stream):
        totals.files += 1
        progress = Progress()
        for part in name.split("/"):
            yield from (Located(finding, member=name) for finding in scan(part))
        for located in _in_file(_Begun(file), progress):
            yield replace(located, member=name) if name else located
        totals.rows += progress.rows
        totals.size += progress.size


def _in_file(file: _Begun, progress: Progress) -> Iterator[Located]:
    if file.start.startswith(parquet.MAGIC):
        with spooled(file) as whole:
            yield from parquet.find(Path(whole.name), progress)
        return
    readable = text.as_utf8(file.start, file)
    if is_json(file.start):
        begin = file.start.removeprefix(_MARK).lstrip()
        is_lines = begin.startswith(b"{") and b"}\n{" in file.start.replace(b"\r", b"")
        yield from text.find(readable, progress, is_json=True, is_lines=is_lines)
        return
    delimiter = delimited.delimiter_of(file.start)
    if delimiter:
        yield from delimited.find(readable, delimiter, progress)
    else:
        yield from text.find(readable, progress, is_json=False, is_lines=False)


def is_json(start: bytes) -> bool:
    """Whether a file that begins so is read as JSON or JSON Lines."""
    return start.removeprefix(_MARK).lstrip().startswith(_JSON)


class _Begun:
    """A stream whose first bytes are known."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._ahead = self.start = stream.read(_START)

    def read(self, size: int, /) -> bytes:
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        return self._stream.read(size)
