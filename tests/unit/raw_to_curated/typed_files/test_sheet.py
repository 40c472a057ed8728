from __future__ import annotations

import io
import zipfile

import pytest

from data_plane.workbooks import MAIN, packed
from raw_to_curated.reasons import RejectedError
from raw_to_curated.typed_files.sheet import Book, Cell, Kind, letters, rows, unescaped
from raw_to_curated.typed_files.xml_stream import Budget

BOOK = Book(["first", "", "third"], [False, True], from_1904=False)


def read(sheet: str) -> list[tuple[int, dict[int, Cell]]]:
    body = packed({"s.xml": f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>"})
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return list(rows(archive, "s.xml", BOOK, Budget(10**6)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><v>1</v></c>", (Kind.NUMBER, "1")),
        ("<c><v>0</v></c>", (Kind.NUMBER, "0")),
        ("<c><v>2.5499999999999998</v></c>", (Kind.NUMBER, "2.55")),
        ("<c><v>1E-3</v></c>", (Kind.NUMBER, "0.001")),
        ("<c><v>1e300</v></c>", (Kind.NUMBER, "1" + "0" * 300)),
        ("<c><v>100.0</v></c>", (Kind.NUMBER, "100")),
        ("<c><v>-0.5</v></c>", (Kind.NUMBER, "-0.5")),
        ("<c><v>12345678901234567</v></c>", (Kind.NUMBER, "12345678901234568")),
        ("<c><v>nan</v></c>", (Kind.ERROR, "nan")),
        ("<c><v>abc</v></c>", (Kind.ERROR, "abc")),
        ('<c s="1"><v>40513.5</v></c>', (Kind.DATE, "2010-12-01T12:00:00")),
        ('<c s="1"><v>-5</v></c>', (Kind.NUMBER, "-5")),
        ('<c s="9"><v>40513</v></c>', (Kind.NUMBER, "40513")),
        ('<c t="s"><v>2</v></c>', (Kind.TEXT, "third")),
        ('<c t="s"><v>1</v></c>', None),
        ('<c t="b"><v>1</v></c>', (Kind.BOOLEAN, "true")),
        ('<c t="b"><v>0</v></c>', (Kind.BOOLEAN, "false")),
        ('<c t="e"><v>#DIV/0!</v></c>', (Kind.ERROR, "#DIV/0!")),
        ('<c t="e"><f>1/0</f><v>#REF!</v></c>', (Kind.ERROR, "#REF!")),
        ('<c t="d"><v>2010-12-01T08:26:00</v></c>', (Kind.DATE, "2010-12-01T08:26:00")),
        ('<c t="str"><f>A1</f><v>text</v></c>', (Kind.TEXT, "text")),
        ('<c t="str"><f>A1</f><v></v></c>', None),
        ("<c><f>A1+1</f></c>", (Kind.FORMULA, "=A1+1")),
        ("<c><f>A1+1</f><v></v></c>", (Kind.FORMULA, "=A1+1")),
        ('<c t="str"><f>A1</f></c>', (Kind.FORMULA, "=A1")),
        ('<c><f t="shared" si="0"/></c>', (Kind.FORMULA, "=")),
        (
            '<c t="inlineStr"><is><r><t>two </t></r><r><t>runs</t></r></is></c>',
            (Kind.TEXT, "two runs"),
        ),
        (
            '<c t="inlineStr"><is><t>kanji</t><rPh sb="0" eb="1"><t>kana</t></rPh></is></c>',
            (Kind.TEXT, "kanji"),
        ),
        ('<c t="inlineStr"><is><t>a_x000D_b</t></is></c>', (Kind.TEXT, "a\rb")),
        ("<c/>", None),
        ('<c s="1"/>', None),
    ],
)
def test_cells(cell: str, expected: Cell | None) -> None:
    assert read(f"<row>{cell}</row>") == [(1, {} if expected is None else {0: expected})]


def test_addresses_and_their_lack() -> None:
    sheet = (
        '<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>4</v></c></row>'
    )
    assert [(number, sorted(cells)) for number, cells in read(sheet)] == [
        (3, [1, 2]),
        (4, [0]),
        (1_048_576, [16_383]),
    ]
    assert [letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == [
        *("A", "Z", "AA", "ZZ", "AAA", "XFD")
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="2"/><row r="1"/>',
        '<row r="1048577"/>',
        '<row r="-1"/>',
        '<row r="99999999999999999999"/>',
        '<row><c r="B1"/><c r="A1"/></row>',
        '<row><c r="A1"/><c r="A1"/></row>',
        '<row><c r="A2"/></row>',
        '<row><c r="XFE1"/></row>',
        '<row><c r="ZZZZ1"/></row>',
        '<row><c t="s"><v>3</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        '<row><c t="s"><v>x</v></c></row>',
        '<row><c s="x"><v>1</v></c></row>',
    ],
)
def test_sheets_that_no_program_writes(sheet: str) -> None:
    with pytest.raises(RejectedError):
        read(sheet)


def test_one_text_in_many_cells_counts_as_often_as_it_is_there() -> None:
    book = Book(["x" * 10_000], [], from_1904=False)
    cells = '<row><c t="s"><v>0</v></c></row>' * 200
    body = packed({"s.xml": f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>"})
    with zipfile.ZipFile(io.BytesIO(body)) as archive, pytest.raises(RejectedError):
        list(rows(archive, "s.xml", book, Budget(10**6)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("_x0041_", "A"),
        ("_x005F_x0041_", "_x0041_"),
        ("_xD83D_", "_xD83D_"),
        ("_x41_", "_x41_"),
        ("plain", "plain"),
    ],
)
def test_escapes(written: str, meant: str) -> None:
    assert unescaped(written) == meant
