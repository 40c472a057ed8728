"""The rows of an object, counted by a second reader that shares no code with the first one.

Accounting adds up what the first reader found; rows that it never saw are missing on both sides of
that sum. Of text, a sample of objects is copied to /tmp as it is read, and counted by the standard
library; of Parquet, the row groups say how many rows they hold.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, cast

from datalake.quality_report import IndependentCount
from datalake.storage import ObjectInfo, Readable
from raw_to_curated.content import format_of
from raw_to_curated.curate import Counts
from raw_to_curated.multiline import MAX_LINES_PER_RECORD
from raw_to_curated.reasons import RowReason
from raw_to_curated.sources.model import Format, Source

SMALL_BYTES = 1024**2
"""Text of this size or less is always counted."""
MAX_BYTES = 64 * 1024**2
"""Larger text never is: counting takes time, if less than curation."""
ONE_IN = 16
"""Of the sizes between, this share is counted."""

# Unicode's White_Space, by which the first reader tells a blank line.
_WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_UTF8_BOM = b"\xef\xbb\xbf"
# From such a row on, the two readers may take different lines for one record: this one any number,
# the first one at most MAX_LINES_PER_RECORD, and a line that cannot be decoded only by itself.
_AMBIGUOUS = (
    RowReason.MALFORMED_QUOTING,
    RowReason.RECORD_TOO_LONG,
    RowReason.BYTE_ORDER_MARK,
    RowReason.INVALID_ENCODING,
)


class _TooLargeError(Exception):
    """The text is larger than MAX_BYTES."""


class IndependentCounter:
    """Counts the rows of one object; `folder` takes a copy of it if it is in the sample."""

    def __init__(self, source: Source, key: str, info: ObjectInfo, folder: Path) -> None:
        self._format, self._compression = format_of(key, source)
        self._source = source
        self._size = info.size
        self._path = folder / "received"
        self._is_sampled = (
            self._format.is_text
            and not any(name.lower().startswith(("utf-16", "utf-32")) for name in source.encodings)
            and _is_sampled(key, info)
        )

    @contextmanager
    def copied(self, opened: AbstractContextManager[Readable]) -> Iterator[Readable]:
        """The opened object; what is read of it is kept if it is in the sample."""
        with opened as stream:
            if not self._is_sampled:
                yield stream
                return
            with self._path.open("wb") as file:
                yield _Copied(stream, file)

    def count(self, counts: Counts, row_groups: int | None) -> IndependentCount | None:
        """Compare the rows, once all are read, with those that were accounted for.

        `row_groups` is what those of a Parquet file hold. None for an object that is not counted.
        """
        if self._format is Format.PARQUET:
            return of_row_groups(counts.rows_in, row_groups)
        if not self._is_sampled or self._path.stat().st_size != self._size:
            return None
        header = 1 if self._format.is_csv else 0
        try:
            lines = self._written_lines() - header
            rows = self._records() - header if self._format.is_csv else lines
        except _TooLargeError:
            return None
        except Exception:
            # Whatever it is, the first reader has read the object.
            rows = lines = 0
        ambiguous = sum(counts.reasons[reason.value] for reason in _AMBIGUOUS)
        margin = ambiguous * MAX_LINES_PER_RECORD
        is_close = ambiguous > 0 and rows - margin <= counts.rows_in <= lines
        return IndependentCount(
            method="csv" if self._format.is_csv else "lines",
            rows=rows,
            agrees=rows == counts.rows_in or is_close,
        )

    def _written_lines(self) -> int:
        return sum(1 for _ in self._lines())

    def _records(self) -> int:
        """As the standard library tells them, header included."""
        if self._source.is_aligned:
            return self._written_lines()
        csv.field_size_limit(MAX_BYTES)
        lines = self._lines()
        rows = 0
        while True:
            try:
                for _ in csv.reader(lines, delimiter=self._source.delimiter):
                    rows += 1
            except csv.Error:
                rows += 1
            else:
                return rows

    def _lines(self) -> Iterator[str]:
        """The lines that are not blank. A carriage return inside of one ends no record."""
        size = 0
        with self._unpacked() as file:
            while line := file.readline(MAX_BYTES + 1):
                size += len(line)
                if size > MAX_BYTES:
                    raise _TooLargeError
                text = line.removeprefix(_UTF8_BOM) if size == len(line) else line
                # Quotation marks, delimiters and line ends are the same in all encodings but UTF-16
                # and UTF-32.
                decoded = text.decode(errors="replace")
                if decoded.strip(_WHITE):
                    yield decoded.replace("\r", " ")

    @contextmanager
    def _unpacked(self) -> Iterator[IO[bytes]]:
        if self._compression == "gz":
            with gzip.open(self._path) as file:
                yield cast(IO[bytes], file)
        elif self._compression == "zip":
            with zipfile.ZipFile(self._path) as archive:
                (name,) = [m for m in archive.infolist() if not m.is_dir()]
                with archive.open(name) as member:
                    yield member
        else:
            with self._path.open("rb") as plain:
                yield plain


def of_row_groups(rows_in: int, row_groups: int | None) -> IndependentCount | None:
    """Of a Parquet file; None if it is not known what its row groups hold."""
    if row_groups is None:
        return None
    return IndependentCount(method="row_groups", rows=row_groups, agrees=row_groups == rows_in)


def _is_sampled(key: str, info: ObjectInfo) -> bool:
    """By hash, so that a version of an object always is, or never."""
    if info.size <= SMALL_BYTES:
        return True
    digest = hashlib.sha256(f"{key}\n{info.etag}".encode(errors="replace")).digest()
    return info.size <= MAX_BYTES and digest[0] % ONE_IN == 0


class _Copied:
    """A stream of which a file keeps what is read."""

    def __init__(self, stream: Readable, file: IO[bytes]) -> None:
        self._stream = stream
        self._file = file

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self._file.write(block)
        return block
