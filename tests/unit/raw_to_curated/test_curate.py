"""The pure domain: bytes of one object in, tables, quarantine and counts out."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import curate
from data_plane.retail import GOOD, retail
from data_plane.sources import CARD
from raw_to_curated.clean import Cleaner
from raw_to_curated.curate import AccountingError


def test_rows_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Cleaner.clean
    monkeypatch.setattr(Cleaner, "clean", lambda self, rows: original(self, rows.head(1)))
    with pytest.raises(AccountingError, match="2 rows in"):
        retail(GOOD + GOOD.replace("6,", "7,"))


PRICES = ["2.55", "02.550", "1e3", "-1", "0", ".00001", "9" * 30, "NaN", "x", " 7 ", "1000000000"]
QUANTITIES = ["6", "6.0", "-6", "0", "+7", str(-(2**63)), "1.5", ""]
TIMES = [
    "2010-12-01 08:26:00",
    "2010-12-108:26:00",
    "2010-12-01 23:59:60",
    "2031-01-01 00:00:00",
    "",
]
IDENTIFIERS = ["17850", "17850.0", "", "NaN", "C7", "8.5e2"]
NAMES = ["WHITE", "", '"a, ""b"""', '"two\nlines"', "é"]
ROWS = st.tuples(
    st.sampled_from(["536365", "536366", "C536365", "bad"]),
    st.sampled_from(IDENTIFIERS),
    st.sampled_from(NAMES),
    st.sampled_from(QUANTITIES),
    st.sampled_from(TIMES),
    st.sampled_from(PRICES),
    st.sampled_from(IDENTIFIERS),
    st.just("UK"),
)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=25))
def test_every_row_has_one_outcome_and_every_value_is_that_of_its_text(
    rows: list[tuple[str, ...]],
) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    curated = retail(text)
    records = list(csv.reader(io.StringIO(text)))
    tables = pl.concat(
        frame.select("line_number", "order_id", "quantity", "unit_price", "ordered_at")
        for frame in curated.tables.values()
    )
    outcomes = [*tables["line_number"], *curated.quarantine["line_number"]]
    assert curated.rows_in == len(records) == len(outcomes) + curated.exact_duplicates
    assert len(set(outcomes)) == len(outcomes)
    lines = 2
    by_line = {}
    for record in records:
        by_line[lines] = record
        lines += 1 + sum(field.count("\n") for field in record)
    for line, order_id, quantity, price, time in tables.rows():
        record = by_line[line]
        assert order_id == record[0].strip()
        assert quantity == abs(Decimal(record[3]))
        assert price == Decimal(record[5].strip())
        assert time == datetime.strptime(record[4], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    # Nothing is said of a quarantined row but what was received.
    for line, raw in curated.quarantine.select("line_number", "raw_text").rows():
        assert next(csv.reader(io.StringIO(raw))) == by_line[line]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(IDENTIFIERS), st.sampled_from([*PRICES, "5"]))))
def test_every_json_line_has_one_outcome(payments: list[tuple[str, str]]) -> None:
    lines = [
        json.dumps({"TX_DATETIME": "2018-06-01 00:00:00", "CUSTOMER_ID": c, "TX_AMOUNT": amount})
        for c, amount in payments
    ]
    curated = curate(CARD, "card-transactions/a.jsonl", "\n".join([*lines, "{", "[]"]).encode())
    (frame,) = curated.tables.values()
    outcomes = [*frame["line_number"], *curated.quarantine["line_number"]]
    assert curated.rows_in == len(lines) + 2 == len(outcomes) + curated.exact_duplicates
    for line, amount in frame.select("line_number", "amount").rows():
        assert amount == Decimal(payments[line - 1][1].strip()) / 100
    raw = dict(curated.quarantine.select("line_number", "raw_text").rows())
    assert all(text == [*lines, "{", "[]"][line - 1] for line, text in raw.items())
