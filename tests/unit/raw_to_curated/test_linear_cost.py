"""Each stage does work in proportion to its input, whatever the input: counted, not timed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from data_plane.retail import GOOD, HEADER, RETAIL, SUPERSTORE
from data_plane.sources import CUSTOMERS
from raw_to_curated.decoding import LineDecoder
from raw_to_curated.json_lines import JsonLinesParser
from raw_to_curated.lines import LineChunk, line_chunks
from raw_to_curated.multiline import Dialect, spans, swallows
from raw_to_curated.records import RAW_TEXT, CsvParser, Lines, open_record
from raw_to_curated.sources.model import Source
from steps import steps

# Repeated, each is hard for some stage.
PIECES = {
    "blank": b"\n",
    "quoted empty": b'""\n',
    "lone mark": b'"\n',
    "marks far apart": b'"' + b"\n" * 70,
    "two marks": b'"a\nb",c\n',
    "swallowed": ('"x\n' + GOOD + 'y"\n').encode(),
    "odd and even": b'a"b\n"c"\n',
    "delimiters": b",,,\n",
    "not UTF-8": b"caf\xe9\n",
    "cut UTF-8": b"caf\xc3\n",
    "UTF-8": "é\n".encode(),
    "byte order marks": "\ufeff\n".encode(),
    "carriage returns": b"\r\r\n",
    "JSON": b"{}\n",
    "JSON nested": b"[" * 50 + b"\n",
    "row": GOOD.encode(),
}


def decode(text: bytes) -> bytes:
    return LineDecoder(SUPERSTORE).decode(text)[0]


def cut(text: bytes) -> None:
    finds = open_record(",")
    for _ in line_chunks(io.BytesIO(text), LineDecoder(SUPERSTORE), finds):
        pass


def join(text: bytes) -> None:
    lines = Lines(LineChunk(decode(text), 1)).frame[RAW_TEXT]
    dialect = Dialect(",")
    found = spans(text, lines, np.empty(0, np.int64), dialect)
    swallows(lines, found, dialect, 8)


def judge(text: bytes) -> None:
    CsvParser(RETAIL, list(RETAIL.column_names)).parse(LineChunk(decode(text), 1))


def parse_json(text: bytes) -> None:
    JsonLinesParser(CUSTOMERS).parse(LineChunk(decode(text), 1))


@pytest.mark.parametrize("stage", [cut, join, judge, parse_json])
@pytest.mark.parametrize("piece", PIECES)
def test_ten_times_the_text_takes_ten_times_the_steps(
    stage: Callable[[bytes], None], piece: str
) -> None:
    few, many = (steps(lambda n=n: stage(PIECES[piece] * n)) for n in (200, 2_000))  # type: ignore[misc]
    assert many <= 10 * few + 500


@pytest.mark.parametrize("piece", ["blank", "quoted empty", "lone mark", "row", "two marks"])
def test_lines_are_not_handled_one_by_one(piece: str) -> None:
    """What is common, or nothing, costs a few calls for each chunk of lines."""
    few, many = (steps(lambda n=n: cut(PIECES[piece] * n)) for n in (200, 2_000))  # type: ignore[misc]
    assert many <= few + 50


def scanned(text: bytes, source: Source) -> int:
    """The bytes in which open records are looked for while a text is cut into chunks."""
    found = 0
    finds = open_record(",")

    def counting(chunk: LineChunk) -> int:
        nonlocal found
        found += len(chunk.text)
        return finds(chunk)

    for _ in line_chunks(io.BytesIO(text), LineDecoder(source), counting):
        pass
    return found


@pytest.mark.parametrize("piece", PIECES)
def test_text_is_scanned_about_once_on_its_way_into_chunks(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open record is looked for in a text that grows by what a record may have at most."""
    from raw_to_curated import lines

    monkeypatch.setattr(lines, "CHUNK_BYTES", 10_000)
    text = PIECES[piece] * (100_000 // len(PIECES[piece]))
    assert scanned(text, SUPERSTORE) < 3 * len(text)


def test_a_mark_that_is_never_closed_is_given_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten open records of the size of a chunk, each byte is scanned a few times."""
    from raw_to_curated import lines, multiline

    monkeypatch.setattr(lines, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(multiline, "MAX_LINE_BYTES", 3_000)
    text = (b'"' + (b"x" * 400 + b"\n") * 60) * 10
    assert scanned(text, RETAIL) < 4 * len(text)


def test_rows_handled_are_the_rows_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 0
    original = pl.read_csv

    def counting(*arguments: Any, **options: Any) -> pl.DataFrame:
        nonlocal rows
        found = original(*arguments, **options)
        rows += found.height
        return found

    monkeypatch.setattr(pl, "read_csv", counting)
    judge((HEADER + GOOD + '"x\ny",\n').encode() * 1_000)
    # The reader for fields, the one for lines, and the fields of the sound records.
    assert rows <= 3 * 4_000
