from __future__ import annotations

import io

import polars as pl
import pytest

from data_plane.curation import curate
from data_plane.retail import HEADER, KEY, RETAIL, rejection_of
from data_plane.sources import CARD, CUSTOMERS, card_frame, rejected
from raw_to_curated.drift import check_columns, infer
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources import SOURCES


def test_a_wrong_header_is_told_column_by_column() -> None:
    body = HEADER.replace("UnitPrice", "Price").replace("Country", "Country,Quantity").encode()
    error = rejection_of(body)
    assert error.details == {"missing": ["UnitPrice"], "extra": ["Price"], "repeated": ["Quantity"]}
    assert (
        "missing: UnitPrice; not expected: Price; repeated: Quantity (columns 4, 9)"
        in error.message
    )


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("Country", "Country,"), "not expected: an unnamed column at position 9)"),
        (HEADER.replace("Quantity", ""), "an unnamed column at position 4)"),
        (HEADER.replace("UnitPrice", "Unit Price"), "Found 'Unit Price' where 'UnitPrice' is"),
        (HEADER.replace("UnitPrice", "unit_price"), "Found 'unit_price' where 'UnitPrice' is"),
        (HEADER.replace("Country", "Country "), "Found 'Country ' where 'Country' is"),
        (HEADER.replace("Country", "Country\u00a0"), r"Found 'Country\xa0' where 'Country' is"),
        (HEADER.replace("Country", "Coun\u200btry"), r"Found 'Coun\u200btry' where 'Country' is"),
        ("\ufeff\ufeff\ufeff" + HEADER, r"Found '\ufeffInvoiceNo' where 'InvoiceNo' is"),
        (HEADER + "x" * 10, ""),
    ],
)
def test_a_header_that_nearly_fits_is_told_in_what_it_differs(header: str, words: str) -> None:
    if not words:
        assert curate(RETAIL, KEY, header.encode()).rows_in == 1
        return
    error = rejection_of(header.encode())
    assert error.reason is ObjectReason.COLUMNS_MISMATCH
    assert words in error.message


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_message_stays_short(times: int) -> None:
    found = [f"{'x' * 100}{number}" for number in range(1_000)] * times
    alike = [f" {name}" for name in RETAIL.column_names]
    with pytest.raises(RejectedError) as caught:
        check_columns(RETAIL, [*alike, *found, ""], {})
    assert len(caught.value.message) < 2_000


def test_a_header_of_half_a_million_names_is_looked_at_once_a_name() -> None:
    class Counted(str):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Counted.compared += 1
            return super().__eq__(other)

        __hash__ = str.__hash__

    def comparisons(names: int) -> int:
        Counted.compared = 0
        found = [Counted(f"c{number}") for number in range(names)]
        with pytest.raises(RejectedError):
            check_columns(RETAIL, [*found, *found], {})
        return Counted.compared

    assert comparisons(5_000) < 11 * comparisons(500)


def test_new_columns_are_named_with_their_types() -> None:
    text = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close,When,Rate\n" + (
        "IBM,2000-03-01,1,2,0.5,1.5,9,1,2000-03-01 10:00:00,0.5\n" * 3
    )
    error = rejected(SOURCES["stocks"], "stocks/a.csv", text.encode())
    assert error.details["inferred_types"] == ["When: timestamp", "Rate: decimal"]
    error = rejected(CUSTOMERS, "c/a.jsonl", b'{"customer_id": 1, "vip": true}\n')
    assert error.details["inferred_types"] == ["vip: boolean"]
    body = io.BytesIO()
    card_frame().rename({"TX_AMOUNT": "AMOUNT"}).write_parquet(body)
    error = rejected(CARD, "c/a.parquet", body.getvalue())
    assert (error.details["missing"], error.details["extra"]) == (["TX_AMOUNT"], ["AMOUNT"])


def test_a_retyped_column_is_told() -> None:
    text = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close\n" + "".join(
        f"IBM,{day}/03/2000,1,2,0.5,1.5,9,1\n" for day in range(10, 20)
    )
    curated = curate(SOURCES["stocks"], "stocks/a.csv", text.encode())
    assert curated.quarantine.height == 10
    (retyped,) = curated.reader.observed.retyped
    assert (retyped.column, retyped.inferred) == ("Date", "date in another order")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", None], "integer"),
        (["1", "2.5"], "decimal"),
        (["1,5", "2"], "decimal with comma"),
        (["True", "false"], "boolean"),
        (["2010-12-01"], "date"),
        (["2010-12-01T08:00:00Z"], "timestamp"),
        (["12/1/2010 8:26"], "date in another order"),
        (["1", "x"], "text"),
        ([None, " "], "empty"),
    ],
)
def test_types_are_inferred(values: list[str | None], expected: str) -> None:
    assert infer(pl.Series(values, dtype=pl.String)) == expected
