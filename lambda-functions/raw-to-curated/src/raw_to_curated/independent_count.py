"""The rows of an object, counted by a second reader that shares no code with the first one.

Accounting adds up what the first reader found; rows that it never saw are missing on both sides of
that sum. A sample of objects is copied to /tmp as it is read; text is counted by the standard
library, a workbook by the tags of its sheet. The row groups of Parquet say how many rows they hold.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Literal, cast

from datalake.quality_report import IndependentCount
from datalake.storage import ObjectInfo, Readable
from raw_to_curated.content import format_of
from raw_to_curated.curate import Counts
from raw_to_curated.multiline import MAX_LINES_PER_RECORD
from raw_to_curated.parts import OpenRange
from raw_to_curated.reasons import RowReason
from raw_to_curated.sources.model import Format, Source
from raw_to_curated.workbook_count import sheet_rows

SMALL_BYTES = 1024**2
"""Objects of this size or less are always counted."""
ONE_IN = 16
"""Of larger ones, this share is counted, in all parts or in none."""
MAX_BYTES = 1024**3
"""Larger text, or part of a text, never is: counting takes time, if less than curation."""
MAX_UNPACKED_BYTES = 64 * 1024**2
"""The same for what is compressed, of which only unpacking tells the size."""
# Far more than the first reader believes of a line or a field.
_LONGEST = 16 * 1024**2

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


_METHODS: dict[Format, Literal["csv", "lines", "sheet_rows"]] = {
    Format.CSV: "csv",
    Format.TEXT: "csv",
    Format.JSON_LINES: "lines",
    Format.EXCEL: "sheet_rows",
}


class _TooLargeError(Exception):
    """The text is larger than what is counted."""


class IndependentCounter:
    """Counts the rows of an object, or of its bytes between the two offsets of `part`; `folder`
    takes a copy of what is read if the object is in the sample."""

    def __init__(
        self,
        source: Source,
        key: str,
        info: ObjectInfo,
        folder: Path,
        part: tuple[int, int] | None = None,
    ) -> None:
        self._format, self._compression = format_of(key, source)
        self._source = source
        self._begin, self._end = part or (0, info.size)
        self._header = 1 if self._format.is_csv and self._begin == 0 else 0
        is_plain = self._format.is_text and not self._compression
        self._most_bytes = MAX_BYTES if is_plain else MAX_UNPACKED_BYTES
        self._path = folder / "received"
        self._is_sampled = (
            self._format is not Format.PARQUET
            and not any(name.lower().startswith(("utf-16", "utf-32")) for name in source.encodings)
            and self._end - self._begin <= self._most_bytes
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

    def copied_range(self, opened: OpenRange) -> OpenRange:
        """The same for whoever opens the part among other ranges of the object."""

        def copying(start: int, end: int | None) -> AbstractContextManager[Readable]:
            found = opened(start, end)
            return self.copied(found) if (start, end) == (self._begin, self._end) else found

        return copying

    def count(self, counts: Counts, row_groups: int | None) -> IndependentCount | None:
        """Compare the rows, once all are read, with those that were accounted for.

        `row_groups` is what those of a Parquet file hold. None for an object that is not counted.
        """
        if self._format is Format.PARQUET:
            if row_groups is None:
                return None
            agrees = row_groups == counts.rows_in
            return IndependentCount(method="row_groups", rows=row_groups, agrees=agrees)
        if not self._is_sampled or self._path.stat().st_size != self._end - self._begin:
            return None
        try:
            rows = self._rows()
            if rows is None:
                return None
            agrees = rows == counts.rows_in or self._is_close(rows, counts)
        except _TooLargeError:
            return None
        except Exception:
            # Whatever it is, the first reader has read the object.
            rows, agrees = 0, False
        return IndependentCount(method=_METHODS[self._format], rows=rows, agrees=agrees)

    def _rows(self) -> int | None:
        if self._format is Format.EXCEL:
            rows = sheet_rows(self._path, self._most_bytes)
            return None if rows is None else rows - 1
        return self._records() - self._header if self._format.is_csv else self._written_lines()

    def _is_close(self, rows: int, counts: Counts) -> bool:
        """Whether rows for which two readers may take different lines explain the difference."""
        ambiguous = sum(counts.reasons[reason.value] for reason in _AMBIGUOUS)
        if not self._format.is_text or not ambiguous:
            return False
        least = rows - ambiguous * MAX_LINES_PER_RECORD
        return least <= counts.rows_in <= self._written_lines() - self._header

    def _written_lines(self) -> int:
        return sum(1 for _ in self._lines())

    def _records(self) -> int:
        """As the standard library tells them, header included."""
        if self._source.is_aligned:
            return self._written_lines()
        csv.field_size_limit(_LONGEST)
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
            while line := file.readline(_LONGEST):
                is_first = size == self._begin == 0
                size += len(line)
                if size > self._most_bytes:
                    raise _TooLargeError
                text = line.removeprefix(_UTF8_BOM) if is_first else line
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


def of_parts(counted: Sequence[IndependentCount | None]) -> IndependentCount | None:
    """Of an object in parts; None unless each of them was counted."""
    parts = [part for part in counted if part is not None]
    if not parts or len(parts) < len(counted):
        return None
    return IndependentCount(
        method=parts[0].method,
        rows=sum(part.rows for part in parts),
        agrees=all(part.agrees for part in parts),
    )


def _is_sampled(key: str, info: ObjectInfo) -> bool:
    """By hash, so that a version of an object always is, or never."""
    if info.size <= SMALL_BYTES:
        return True
    digest = hashlib.sha256(f"{key}\n{info.etag}".encode(errors="replace")).digest()
    return digest[0] % ONE_IN == 0


class _Copied:
    """A stream of which a file keeps what is read."""

    def __init__(self, stream: Readable, file: IO[bytes]) -> None:
        self._stream = stream
        self._file = file

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self._file.write(block)
        return block
