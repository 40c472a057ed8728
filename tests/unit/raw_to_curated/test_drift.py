from __future__ import annotations

import io

import polars as pl
import pytest

from data_plane.curation import curate
from data_plane.retail import HEADER, rejection_of
from data_plane.sources import CARD, CUSTOMERS, card_frame, rejected
from raw_to_curated.drift import infer
from raw_to_curated.sources import SOURCES


def test_a_wrong_header_is_told_column_by_column() -> None:
    body = HEADER.replace("UnitPrice", "Price").replace("Country", "Country,Quantity").encode()
    error = rejection_of(body)
    assert error.details == {"missing": ["UnitPrice"], "extra": ["Price"], "repeated": ["Quantity"]}
    assert "missing: UnitPrice; not expected: Price; repeated: Quantity" in error.message


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
    assert (retyped["column"], retyped["inferred"]) == ("Date", "date in another order")


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
