from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from data_plane.curation import Curated, curate
from data_plane.sources import PRICES, only, rejected
from data_plane.workbooks import header, number, packed, parts, prices, row, text
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Format

STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="9"/></cellXfs>'
DATE, PERCENT = 1, 2
KEY = "price-list/a.xlsx"
ERRORS = ["#DIV/0!", "#N/A", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!"]


def listed(*cells: str) -> Curated:
    return curate(PRICES, KEY, prices(row(*cells), styles=STYLES))


def priced(cell: str) -> Curated:
    return listed(text("85123A"), text("HOLDER"), text("Home"), cell)


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        (number("2.5499999999999998"), "2.55"),
        (number("0.2", PERCENT), "0.2"),
        (number("1E-2"), "0.01"),
        (number("1234.5"), "1234.5"),
        (number("1.234"), "1.234"),
        (number("1000000"), "1000000"),
        (text("2.55"), "2.55"),
        (text(" 7 "), "7"),
        ("<c><f>A1+1</f><v>3</v></c>", "3"),
        ('<c t="str"><f>A1</f><v>3.5</v></c>', "3.5"),
    ],
)
def test_numbers_have_a_point(cell: str, price: str) -> None:
    assert only(priced(cell))["list_price"].to_list() == [Decimal(price)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *((f'<c t="e"><v>{error}</v></c>', "cell_error") for error in ERRORS),
        ("<c><f>SUM(A1:A2)</f></c>", "formula_without_value"),
        ("<c><f>SUM(A1:A2)</f><v/></c>", "formula_without_value"),
        (text("1.234.567"), "unparseable_number"),
        (text("1.234"), "ambiguous_number"),
        (text(" -12.340 "), "ambiguous_number"),
        (text("1.234,5"), "unparseable_number"),
        (text("1,234.5"), "unparseable_number"),
        (text("£2.55"), "unparseable_number"),
        (text("#N/A"), "unparseable_number"),
        ('<c t="b"><v>1</v></c>', "unparseable_number"),
        (number(40513, DATE), "unparseable_number"),
        (number("2.55555"), "too_many_decimals"),
        (number("1E300"), "number_out_of_range"),
    ],
)
def test_cells_that_are_no_price(cell: str, reason: str) -> None:
    assert priced(cell).quarantine["reasons"].to_list() == [[reason]]


def test_quarantine_shows_what_the_cell_holds() -> None:
    (bad,) = priced('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>').quarantine.rows(named=True)
    assert json.loads(bad["raw_text"]) == {
        "Stock Code": "85123A",
        "Description": "HOLDER",
        "Category": "Home",
        "List Price": "#DIV/0!",
    }
    assert bad["line_number"] == 2
    (bad,) = priced("<c><f>B1*2</f></c>").quarantine.rows(named=True)
    assert json.loads(bad["raw_text"])["List Price"] == "=B1*2"


def test_an_error_in_a_column_that_is_left_out_does_not_matter() -> None:
    source = replace(PRICES, ignored=("Note",))
    body = packed(
        parts(
            header("Stock Code", "Description", "Category", "List Price", "Note"),
            row(text("1A"), text("x"), text("y"), number(1), '<c t="e"><v>#N/A</v></c>'),
        )
    )
    assert only(curate(source, KEY, body)).height == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (number(22139), "22139"),
        (number("22139.0"), "22139"),
        (number(123456789012345), "123456789012345"),
        (text("00123"), "00123"),
        (text("1E5"), "1E5"),
        (text("=1+1"), "=1+1"),
    ],
)
def test_codes(cell: str, code: str) -> None:
    found = only(listed(cell, text("x"), text("y"), number(1)))
    assert found["product_id"].to_list() == [code]


def test_a_date_made_of_a_code() -> None:
    found = listed(number(40513, DATE), text("x"), text("y"), number(1))
    assert found.quarantine["reasons"].to_list() == [["date_instead_of_text"]]


def test_a_row_wider_than_the_header() -> None:
    found = listed(text("1"), text("x"), text("y"), number(1), text("more"))
    (bad,) = found.quarantine.rows(named=True)
    assert bad["reasons"] == ["wrong_field_count"]
    assert json.loads(bad["raw_text"])["E"] == "more"


STOCKS = replace(SOURCES["stocks"], formats=(Format.EXCEL,))
CARD = replace(SOURCES["card-transactions"], formats=(Format.EXCEL,), timezone="Europe/London")


def observed(cell: str) -> Curated:
    cells = [text("IBM"), cell, *(number(1) for _ in range(4)), number(9), number(1)]
    names = header(*(column.name for column in STOCKS.columns))
    return curate(STOCKS, "stocks/a.xlsx", packed(parts(names, row(*cells), styles=STYLES)))


def paid(cell: str, **others: str) -> Curated:
    cells = [cell, number(1), number(2), number(3), number(0), number(0)]
    body = packed(parts(header(*CARD.column_names), row(*cells), styles=STYLES, **others))
    return curate(CARD, "card-transactions/a.xlsx", body)


def test_dates() -> None:
    for cell in (
        number(40513, DATE),
        text("2010-12-01"),
        '<c t="d"><v>2010-12-01T00:00:00</v></c>',
    ):
        assert only(observed(cell))["observed_on"].to_list() == [date(2010, 12, 1)]
    summer = number("40360.351388888892", DATE)
    assert only(paid(summer))["transacted_at"].to_list() == [
        datetime(2010, 7, 1, 7, 26, tzinfo=UTC)
    ]
    (moment,) = only(paid(number("38898.5", DATE), properties='date1904="1"'))["transacted_at"]
    assert moment == datetime(2010, 7, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        number("40513.5", DATE),
        number("0.5", DATE),
        number("60", DATE),
        number(40513),
        '<c t="b"><v>1</v></c>',
        text("1.12.2010"),
    ],
)
def test_what_is_no_day(cell: str) -> None:
    assert observed(cell).quarantine["reasons"].to_list() == [["unparseable_date"]]


def test_a_fraction_of_a_second_is_refused_where_the_form_has_none() -> None:
    found = paid(number("40360.500005787", DATE))
    (bad,) = found.quarantine.rows(named=True)
    assert bad["reasons"] == ["unparseable_date"]
    assert json.loads(bad["raw_text"])["TX_DATETIME"] == "2010-07-01T12:00:00.5"


def test_a_title_above_the_header() -> None:
    body = packed(
        parts(row(text("Price list 2011")), row(), header(), row(text("1"), text("x"), text("y")))
    )
    error = rejected(PRICES, KEY, body)
    assert error.reason == "columns_mismatch"
    assert "Row 1 of the sheet (Price list 2011)" in error.message
    assert "row 3 has the columns" in error.message
