"""Which values of an object are to be replaced, kept outside of memory while the object is read."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from compliance_guardian.objects.reader import Totals
from compliance_guardian.objects.results import Located
from compliance_guardian.pci.findings import Kind
from compliance_guardian.policies.values import encoding_of

_ENTRY = struct.Struct("<IqIBB")
_KINDS = tuple(Kind)
_ENCODINGS = ("", "escaped", "base64")


@dataclass(frozen=True, slots=True)
class Span:
    """A value at the bytes from `start` to before `end` of an unpacked file."""

    start: int
    end: int
    kind: Kind
    encoding: str = ""


class Edits:
    """The findings of the given kinds in an object, in order of its files and their bytes.

    They are kept in `file`, which is empty.
    """

    def __init__(self, kinds: frozenset[str], file: IO[bytes]) -> None:
        self._kinds = kinds
        self._file = file
        self._ahead: tuple[int, Span] | None = None
        self.count = 0
        self.are_in_names = False
        """Whether a value is in the name of a packed file or of a Parquet column."""

    def noting(self, found: Iterable[Located], totals: Totals) -> Iterator[Located]:
        """Pass the findings on; `totals` tells which file of the object each is in."""
        for located in found:
            if located.finding.kind in self._kinds:
                self.count += 1
                self._note(located, totals.files)
            yield located

    def _note(self, located: Located, file: int) -> None:
        if located.byte is not None and located.size is not None:
            kind = _KINDS.index(located.finding.kind)
            encoding = _ENCODINGS.index(encoding_of(located.finding))
            self._file.write(_ENTRY.pack(file, located.byte, located.size, kind, encoding))
        elif located.row is None:
            self.are_in_names = True

    def rewind(self) -> None:
        """Begin again with the spans of the first file."""
        self._file.seek(0)
        self._ahead = None

    def of_file(self, file: int) -> Iterator[Span]:
        """The spans of a file, numbered from 1; files come in order. No two spans overlap."""
        return _apart(self._nested(file))

    def _nested(self, file: int) -> Iterator[Span]:
        while entry := self._ahead or self._next():
            self._ahead = entry
            if entry[0] > file:
                return
            self._ahead = None
            if entry[0] == file:
                yield entry[1]

    def _next(self) -> tuple[int, Span] | None:
        packed = self._file.read(_ENTRY.size)
        if not packed:
            return None
        file, start, size, kind, encoding = _ENTRY.unpack(packed)
        return file, Span(start, start + size, _KINDS[kind], _ENCODINGS[encoding])


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans with track data cut where the card number in it stands."""
    track: Span | None = None
    for span in spans:
        if track and span.start >= track.end:
            yield track
            track = None
        if track:
            if span.start > track.start:
                yield Span(track.start, span.start, track.kind, track.encoding)
            rest = Span(span.end, track.end, track.kind, track.encoding)
            yield span
            track = rest if rest.start < rest.end else None
        elif span.kind is Kind.TRACK_DATA:
            track = span
        else:
            yield span
    if track:
        yield track
