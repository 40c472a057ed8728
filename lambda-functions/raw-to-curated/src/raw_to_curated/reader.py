"""The batches of a raw object, whatever its format, once its columns are those of the mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import polars as pl

from datalake.storage import Readable
from raw_to_curated.content import copy_to, filled, format_of, text_stream
from raw_to_curated.curate import Batch
from raw_to_curated.decoding import LineDecoder
from raw_to_curated.drift import Observed, check_columns, infer, observe
from raw_to_curated.header import check_line_end, check_readable, diagnosis, parse_header
from raw_to_curated.json_lines import JsonLinesParser, parse_object
from raw_to_curated.lines import MAX_LINE_BYTES, LineChunk, line_chunks
from raw_to_curated.parts import OpenRange, footer_of
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.records import (
    LINE_NUMBER,
    MALFORMED_SCHEMA,
    CsvParser,
    Records,
    aligned,
    open_record,
)
from raw_to_curated.sources.model import Format, Source
from raw_to_curated.typed_files import excel, parquet
from raw_to_curated.typed_files.parquet_footer import MAGIC, Footer, RowGroup, read_footer

Opener = Callable[[], AbstractContextManager[Readable]]
"""Opens the object at its first byte; may be called again."""
BINARY = "binary"
# Enough to tell the type of a column.
_SAMPLE_BYTES = 64 * 1024
_SAMPLE_ROWS = 1_000
_MOST_COLUMNS = 1_000
_MOST_LINES_BEFORE_HEADER = 20
_BYTES_PER_ROW = 64
_BLANK_LINES = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r\f\v]*\n)*")


class Reader:
    """Reads one object; `observed` is known from the first batch on, `encodings` of its lines (see
    decoding.py) behind the last. Raises RejectedError for a format that the source does not have.

    `folder` takes files that are needed until the last batch is read.
    """

    def __init__(self, source: Source, key: str, folder: Path) -> None:
        self._format, self._compression = format_of(key, source)
        self.source = source.written_in(self._format)
        """The source as files of this format are written."""
        self._folder = folder
        self._decoder = LineDecoder(source)
        self.observed = Observed()
        self.expected_rows: int | None = None
        """Rows by the row groups of a Parquet file; set once the reader found that number."""

    @property
    def encodings(self) -> set[str]:
        """The encodings of the lines that are not plain ASCII; BINARY of what is no text."""
        return self._decoder.seen if self._format.is_text else {BINARY}

    def batches(self, opened: Opener) -> Generator[Batch]:
        """All rows of the object. Whoever stops early must close the generator, as a worker may
        still read. Raises RejectedError."""
        with opened() as stream:
            if self._format is Format.PARQUET:
                yield from self._parquet(stream)
            elif self._format is Format.EXCEL:
                yield from self._excel(stream)
            else:
                with text_stream(stream, self._compression) as text:
                    yield from self._text(text)

    def batches_of_part(
        self, opened: OpenRange, start: int, end: int, size: int
    ) -> Generator[Batch]:
        """The rows of one of the parts of parts.py, of an object of `size` bytes. Raises
        RejectedError."""
        if self._format is Format.PARQUET:
            yield from self._row_groups(opened, start, end, size)
        elif start == 0:
            yield from self.batches(lambda: opened(0, end))
        else:
            yield from self._later_lines(opened, start, end)

    def _later_lines(self, opened: OpenRange, start: int, end: int) -> Iterator[Batch]:
        parse: Callable[[LineChunk], Records] = JsonLinesParser(self.source).parse
        if self._format.is_csv:
            with opened(0, None) as stream:
                header = BytesIO(_first_line(filled(stream)))
            parse, _ = self._begin(next(self._written(self._chunks(header))))
        with opened(start, end) as stream:
            for chunk in self._chunks(filled(stream), start):
                yield Batch(_weight(chunk), partial(parse, chunk))

    def _chunks(self, stream: Readable, offset: int = 0) -> Iterator[LineChunk]:
        finds = open_record(self.source.delimiter) if self._format.is_csv else _no_open_record
        return line_chunks(stream, self._decoder, finds, offset)

    def _text(self, stream: Readable) -> Iterator[Batch]:
        chunks = self._written(self._chunks(stream))
        first = next(chunks)
        if first.first_line > 1:
            yield Batch(0, partial(self._blank, first.first_line - 1))
        parse, first = self._begin(first)
        for chunk in chain([first], chunks):
            if chunk.text:
                yield Batch(_weight(chunk), partial(parse, chunk))

    def _written(self, chunks: Iterator[LineChunk]) -> Iterator[LineChunk]:
        """The chunks from the first line on that is not blank; there is one at least."""
        is_begun = False
        for chunk in chunks:
            if is_begun:
                yield chunk
                continue
            blank = _BLANK_LINES.match(chunk.text)
            begin = blank.end() if blank else 0
            is_begun = not _is_blank(chunk.text, begin)
            if is_begun:
                line = chunk.first_line + chunk.text.count(b"\n", 0, begin)
                yield replace(chunk, text=chunk.text[begin:], first_line=line)
        if not is_begun:
            raise RejectedError(
                ObjectReason.EMPTY_OBJECT,
                "The object holds nothing but white space, if anything. The upload or the export "
                "failed; export it again, with its header line.",
            )

    def _begin(self, first: LineChunk) -> tuple[Callable[[LineChunk], Records], LineChunk]:
        """Check the columns; the parser for the rest, and the first chunk without the header."""
        line, _, text = first.text.partition(b"\n")
        if self._format.is_csv or parse_object(line.decode()) is None:
            check_line_end(first)
        if not self._format.is_csv:
            self._check_members(first)
            json_parser = JsonLinesParser(self.source)
            self._observe(json_parser.parse, first)
            return json_parser.parse, first
        check_readable(first, self.source)
        rest = replace(first, text=text, first_line=first.first_line + 1)
        header_line = line.decode()
        if self.source.is_aligned:
            header_line = pl.select(aligned(self.source, pl.lit(header_line))).item()
        header = parse_header(header_line, self.source)
        parser = CsvParser(self.source, header)
        if header_differs(self.source, header):
            is_usable = len(set(header)) == len(header) <= _MOST_COLUMNS
            types = self._types(parser.parse, rest) if is_usable else {}
            after = _sample(rest).text.decode().split("\n", _MOST_LINES_BEFORE_HEADER)[:-1]
            found = diagnosis(header_line, self.source, after)
            if first.first_line > 1:
                found = f"Line {first.first_line} was taken for the header. {found}".rstrip()
            check_columns(self.source, header, types, diagnosis=found)
        self._observe(parser.parse, rest)
        return parser.parse, rest

    def _check_members(self, first: LineChunk) -> None:
        """Compare the members of the first JSON objects with the columns of the source."""
        lines = _sample(first).text.decode().split("\n")
        objects = [found for line in lines if (found := parse_object(line)) is not None]
        found = dict.fromkeys(name for members in objects for name in members)
        optional = {
            column.name
            for column in self.source.columns
            if self.source.table[column.target].nullable
        }
        types = {
            name: infer(
                pl.Series(
                    [str(o[name]) for o in objects if o.get(name) is not None], dtype=pl.String
                )
            )
            for name in found
        }
        assumed = [*optional, *self.source.ignored] if objects else self.source.column_names
        check_columns(self.source, list(dict.fromkeys([*found, *assumed])), types)

    def _types(self, parse: Callable[[LineChunk], Records], chunk: LineChunk) -> dict[str, str]:
        rows = parse(_sample(chunk)).rows.drop(LINE_NUMBER)
        return {name: infer(rows[name]) for name in rows.columns}

    def _observe(self, parse: Callable[[LineChunk], Records], chunk: LineChunk) -> None:
        sample = _sample(chunk)
        if sample.text:
            self.observed = observe(self.source, parse(sample).rows)

    def _blank(self, blank_lines: int) -> Records:
        names = [LINE_NUMBER, *self.source.column_names]
        empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
        return Records(
            rows=empty.cast({LINE_NUMBER: pl.Int64}),
            malformed=pl.DataFrame(schema=MALFORMED_SCHEMA),
            blank_lines=blank_lines,
            raw_text=lambda _: empty,
        )

    def _parquet(self, stream: Readable) -> Iterator[Batch]:
        path = self._folder / "object.parquet"
        with path.open("wb") as file:
            copy_to(stream, file)
        with path.open("rb") as file:
            footer = read_footer(partial(_range_of, file), path.stat().st_size)
        yield from self._typed_rows(path, footer, footer.row_groups)

    def _row_groups(self, opened: OpenRange, start: int, end: int, size: int) -> Iterator[Batch]:
        """Through a file with holes, in which only these row groups and the footer are filled."""
        footer = footer_of(opened, size)
        groups = [group for group in footer.row_groups if start <= group.start < end]
        path = self._folder / "object.parquet"
        with path.open("wb") as file:
            file.write(MAGIC)
            held = [(min(g.start for g in groups), max(g.end for g in groups))] if groups else []
            for begin, stop in [*held, (footer.start, size)]:
                file.seek(begin)
                with opened(begin, stop) as stream:
                    copy_to(stream, file)
        yield from self._typed_rows(path, footer, groups)

    def _typed_rows(self, path: Path, footer: Footer, groups: list[RowGroup]) -> Iterator[Batch]:
        self.expected_rows = sum(group.rows for group in groups)
        for batch in parquet.batches(self.source, path, footer, groups, self._folder):
            yield self._observed(batch)

    def _excel(self, stream: Readable) -> Iterator[Batch]:
        path = self._folder / "object.xlsx"
        with path.open("wb") as file:
            copy_to(stream, file)
        for batch in excel.batches(self.source, path, self._folder):
            yield self._observed(batch)

    def _observed(self, batch: Batch) -> Batch:
        """The batch, whose first rows are looked at if no batch was before it."""
        if self.observed.columns:
            return batch
        records = batch.parse()
        self.observed = observe(self.source, records.rows.head(_SAMPLE_ROWS))
        return replace(batch, parse=lambda: records)


def _range_of(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _first_line(stream: Readable) -> bytes:
    """The first line of an object that is not blank, or the beginning of one that is too long."""
    text = b""
    while block := stream.read(MAX_LINE_BYTES):
        text = _BLANK_LINES.sub(b"", text + block, count=1)
        if b"\n" in text or len(text) > MAX_LINE_BYTES:
            break
    return text.partition(b"\n")[0]


def _is_blank(text: bytes, begin: int) -> bool:
    """Whether there is only white space, Unicode's included; a line tells it of nearly all text."""
    line = text[begin : text.find(b"\n", begin) + 1]
    return not line.decode().strip() and not text[begin:].decode().strip()


def _no_open_record(chunk: LineChunk) -> int:
    return len(chunk.text)


def header_differs(source: Source, header: list[str]) -> bool:
    """Whether a file's columns are others than the source's."""
    return sorted(header) != sorted(source.column_names)


def _weight(chunk: LineChunk) -> int:
    """Bytes of text, more for lines so short that the row takes more than its text."""
    return max(len(chunk.text), chunk.line_ends * _BYTES_PER_ROW)


def _sample(chunk: LineChunk) -> LineChunk:
    """The first lines of a chunk."""
    if len(chunk.text) <= _SAMPLE_BYTES:
        return chunk
    return replace(chunk, text=chunk.text[: chunk.text.rfind(b"\n", 0, _SAMPLE_BYTES) + 1])
