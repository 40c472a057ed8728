"""The rows of a sheet by its tags are those that the worker reads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data_plane.curation import curate
from data_plane.sources import PRICES
from data_plane.workbooks import MAIN, header, number, packed, parts, prices, row, text
from raw_to_curated.workbook_count import sheet_rows

GOOD = row(text("85123A"), text("HOLDER"), text("Home"), number(2.55))
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "<si><t>a</t></si><si/><si><r><t> </t></r><r><t>b</t></r></si><si><t> </t></si><si></si>"


@pytest.fixture
def count(tmp_path: Path) -> Callable[[bytes], int | None]:
    def counted(body: bytes) -> int | None:
        (tmp_path / "a.xlsx").write_bytes(body)
        return sheet_rows(tmp_path / "a.xlsx", 10**6)

    return counted


def shared(index: int) -> str:
    return f"<c t='s' r=\"A2\"><v>{index}</v></c>"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("", 0),
        ("<c/>", 0),
        ('<c r="A2" s="1"/>', 0),
        ("<c><v/></c>", 0),
        ("<c><v /> </c>", 0),
        ("<c><v>0</v></c>", 1),
        (text(""), 0),
        (text(" \n&#160;"), 0),
        (text("&lt;"), 1),
        (text("_x0020_ _x000A_"), 0),
        (text("_x0041_"), 1),
        ("<!--" + number(1) + "</row><row>" + "--><c/>", 0),
        ("<!-- a -->" + number(1) + "<!-- b -->", 1),
        ('<c t="b"><v>0</v></c>', 1),
        ('<c t="e"><v>#DIV/0!</v></c>', 1),
        # Formulas: never calculated, shared with another cell, whose value is an empty text.
        ("<c><f>A1+1</f></c>", 1),
        ('<c><f t="shared" si="0"/></c>', 1),
        ('<c><f t="shared" si="0"/></c><c/>', 1),
        ('<c t="str"><f>IF(A1,"")</f><v></v></c>', 0),
        ('<c t="str"><f>IF(A1,"")</f><v></v></c><c><v>1</v></c>', 1),
        ('<c t="str"><f>A1</f></c>', 1),
        (shared(0), 1),
        (shared(1), 0),
        (shared(2), 1),
        (shared(3), 0),
        (shared(4), 0),
        (shared(3) + shared(2), 1),
    ],
)
def test_which_rows_have_a_value(
    count: Callable[[bytes], int | None], cells: str, expected: int
) -> None:
    assert count(prices(GOOD, f"<row>{cells}</row>", GOOD, shared=SHARED)) == 3 + expected


def test_prefixes_of_names_and_rows_without_cells(count: Callable[[bytes], int | None]) -> None:
    prefixed = (
        f"<x:worksheet {MAIN.replace('xmlns', 'xmlns:x')}><x:sheetData><x:row r='1'>"
        "<x:c><x:v>1</x:v></x:c></x:row ><x:row/><x:row r='9' >\n<x:c t='inlineStr'><x:is><x:t>a"
        "</x:t></x:is></x:c></x:row>\n</x:sheetData></x:worksheet>"
    )
    assert count(packed({**parts(), SHEET: prefixed})) == 2


def test_what_is_not_sure_is_not_counted(count: Callable[[bytes], int | None]) -> None:
    two = {**parts(header()), "xl/worksheets/sheet2.xml": "<worksheet/>"}
    assert count(packed(two)) is None
    assert count(packed({"xl/workbook.xml": ""})) is None
    assert count(prices(*[GOOD] * 10_000)) is None
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(SHEET, f"<worksheet>{GOOD}</worksheet>".encode("utf-16"))
    assert count(file.getvalue()) is None


@pytest.mark.parametrize(
    "tail", ["<!--" + "<row><c><v " * 20_000 + "-->", "<!--" + "</row" * 50_000 + "-->"]
)
def test_tags_that_never_end_cost_no_more_than_their_length(
    count: Callable[[bytes], int | None], tail: str
) -> None:
    """Quadratic, each of these would take minutes."""
    assert count(prices(GOOD, tail)) == 2


CELLS = st.sampled_from(
    [
        *(text(value) for value in ("", " ", "85123A", "Home", "a & b".replace("&", "&amp;"))),
        *(number(value) for value in (2.55, 0, "1e400")),
        *("<c/>", "<c><f>1+1</f></c>", '<c t="str"><f>A1</f><v></v></c>', '<c t="b"><v>1</v></c>'),
        *(f'<c t="s"><v>{index}</v></c>' for index in range(5)),
    ]
)


@hypothesis_settings(max_examples=30)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_both_readers_find_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    body = prices(*chain.from_iterable((row(*some), row()) for some in cells), shared=SHARED)
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    path.write_bytes(body)
    assert sheet_rows(path, 10**6) == 1 + curate(PRICES, "price-list/a.xlsx", body).rows_in
