"""Which rules a row breaks."""

from __future__ import annotations

from dataclasses import replace as replaced
from decimal import Decimal

import pytest

from data_plane.curation import curate
from data_plane.retail import (
    GOOD,
    KEY,
    SUPERSTORE,
    SUPERSTORE_HEADER,
    SUPERSTORE_ROW,
    replace,
    retail,
)
from data_plane.sources import CARD
from datalake.contracts.curated import ORDERS, TRANSACTIONS
from raw_to_curated.sources import SOURCES

STOCKS = SOURCES["stocks"]


NO_IDENTIFIERS = [
    *("8.52e2", "8.52E+02", "852e+0", "1e16", "85.2", "-852.0", "+852.0", ".5", "852."),
    *("NaN", "nan", "-nan", "None", "null", "NULL", "inf", "-Infinity", "N/A", "NA", "<NA>", "NaT"),
    *("true", "False"),
    *("#N/A", "#REF!", "#DIV/0!", "#NAME?", "######", "1.#IND"),
    *(
        "178\u200b50",
        "\u200e17850",
        "178\x0750",
        "17\u00ad850",
        "\uff11\uff17\uff18\uff15\uff10",
        "١٧٨٥٠",
        # At its start it is a byte order mark, which the readers refuse.
        "178\ufeff50",
    ),
]
NO_DATES = [
    *("2010-12-108:26:00", "2010-12-1 8:26:00", "2010-12-1  08:26:00", "2010-12- 1 08:26:00"),
    *("2010-12-01\t08:26:00", "2010-12-01  08:26:00", "2010-12-01T08:26:00", "2010/12/01 08:26:00"),
    *("2010-12-01 08:26", "2010-12-01", "10-12-01 08:26:00", "+2010-12-1 08:26:00"),
    *("2016-12-31 23:59:60", "2010-12-01 24:00:00", "2010-12-01 08:60:00", "2010-13-01 08:26:00"),
    *("2010-00-01 08:26:00", "2010-12-00 08:26:00", "2011-02-29 08:26:00", "2011-04-31 08:26:00"),
    *("2010-12-01 08:26:00.5", "2010-12-01 08:26:00Z", "2010-12-0108:26:00", "٢010-12-01 08:26:00"),
]


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (replace(0, ""), ["missing_required"]),
        (replace(1, "  "), ["missing_required"]),
        (replace(4, ""), ["missing_required"]),
        (replace(0, "A563186"), ["invalid_identifier"]),
        *((replace(6, text), ["invalid_identifier"]) for text in NO_IDENTIFIERS),
        *(
            (replace(1, text), ["invalid_identifier"])
            for text in ["17850.0", "852.00", *NO_IDENTIFIERS]
        ),
        (replace(0, "5363651"), ["invalid_identifier"]),
        (replace(3, "six"), ["unparseable_number"]),
        (replace(3, "1.5"), ["unparseable_number"]),
        (replace(5, "1e3"), ["unparseable_number"]),
        (replace(5, "£2.55"), ["unparseable_number"]),
        (replace(5, "NaN"), ["non_finite_number"]),
        (replace(3, "-inf"), ["non_finite_number"]),
        (replace(5, "2.55555"), ["too_many_decimals"]),
        (replace(3, "99999999999999999999"), ["number_out_of_range"]),
        (replace(3, str(-(2**63))), ["number_out_of_range"]),
        (replace(3, str(2**63 - 1)), ["number_out_of_range"]),
        (replace(3, str(-(10**30))), ["number_out_of_range"]),
        (replace(3, "-0"), ["zero_quantity"]),
        (
            replace(3, "9" * 30).replace("536365", "C536365"),
            ["number_out_of_range", "contradictory_cancellation"],
        ),
        (replace(3, "1000000001"), ["number_out_of_range"]),
        (replace(3, "-1000000001"), ["number_out_of_range"]),
        (replace(5, "999999999999999999"), ["number_out_of_range"]),
        (replace(5, "0.00001"), ["too_many_decimals"]),
        (replace(5, ".00000000000000000000000000000000000000000001"), ["too_many_decimals"]),
        (replace(5, "-0.00001"), ["too_many_decimals", "non_positive_price"]),
        (replace(5, "1000000000.00001"), ["too_many_decimals", "number_out_of_range"]),
        (replace(5, "999999999.99999"), ["too_many_decimals"]),
        (replace(5, "1" * 400), ["number_out_of_range"]),
        (replace(5, "-" + "1" * 400), ["number_out_of_range", "non_positive_price"]),
        (replace(5, "-0.0"), ["non_positive_price"]),
        (replace(5, "0"), ["non_positive_price"]),
        (replace(5, "-11062.06"), ["non_positive_price"]),
        (replace(3, "0"), ["zero_quantity"]),
        (replace(0, "C536365"), ["contradictory_cancellation"]),
        (replace(4, "2011-02-30 00:00:00"), ["unparseable_date"]),
        (replace(4, "12/1/2010 8:26"), ["unparseable_date"]),
        (replace(4, "2010-12-01 08:26:00 GMT"), ["unparseable_date"]),
        *((replace(4, text), ["unparseable_date"]) for text in NO_DATES),
        (replace(4, "20111-12-01 08:26:00"), ["date_out_of_range"]),
        (replace(4, "+20111-12-01 08:26:00"), ["date_out_of_range"]),
        (replace(4, "1899-12-30 00:00:00"), ["date_out_of_range"]),
        (replace(4, "9999-12-31 23:59:59"), ["date_out_of_range"]),
        (replace(4, "2011-03-27 01:30:00"), ["nonexistent_local_time"]),
        ("536365,85123A\n", ["wrong_field_count"]),
        (GOOD.rstrip("\n") + ",more\n", ["wrong_field_count"]),
        (replace(2, '5" NAIL'), ["malformed_quoting"]),
        (replace(2, '"NAIL" BOX'), ["malformed_quoting"]),
        (
            replace(3, "0").replace("2.55", "x").replace("2010-12-01", "no"),
            ["zero_quantity", "unparseable_date", "unparseable_number"],
        ),
    ],
)
def test_a_bad_row_is_quarantined_whole_with_its_reasons(row: str, reasons: list[str]) -> None:
    curated = retail(GOOD + row + GOOD.replace("6,", "7,"))
    assert curated.tables[ORDERS]["line_number"].to_list() == [2, 4]
    kept = curated.quarantine.row(0, named=True)
    assert kept["reasons"] == reasons
    assert (kept["line_number"], kept["raw_text"]) == (3, row.rstrip("\n"))
    assert len(kept["explanations"]) == len(reasons)
    assert kept["object_key"] == KEY


def test_a_negative_quantity_without_declared_returns_is_quarantined() -> None:
    body = (SUPERSTORE_HEADER + SUPERSTORE_ROW.replace(",2,0.2", ",-2,0.2")).encode()
    curated = curate(SUPERSTORE, "superstore/a.csv", body)
    assert curated.quarantine["reasons"].to_list() == [["negative_quantity"]]


def test_a_value_outside_the_contracts_range_is_quarantined() -> None:
    body = (SUPERSTORE_HEADER + SUPERSTORE_ROW.replace(",2,0.2", ",2,1.2")).encode()
    curated = curate(SUPERSTORE, "superstore/a.csv", body)
    assert curated.quarantine["reasons"].to_list() == [["number_out_of_range"]]


@pytest.mark.parametrize(
    "code",
    [
        "852",
        "1E5",
        "00852",
        "+852",
        "85123A",
        "e5",
        "5e",
        "NANA",
        "naN1",
        "#1001",
        "1.2.3",
        "C-7",
        "TRUE",
        "untrue",
    ],
)
def test_codes_of_other_forms_are_identifiers_as_they_are(code: str) -> None:
    curated = retail(replace(1, code) + replace(6, code))
    assert curated.quarantine.is_empty()
    lines = curated.tables[ORDERS]
    assert (lines["product_id"][0], lines["customer_id"][1]) == (code, code)


def test_a_declared_pattern_decides_alone_what_an_identifier_is() -> None:
    columns = tuple(
        replaced(column, pattern="[A-Z]{1,4}") if column.target == "series_id" else column
        for column in STOCKS.columns
    )
    body = f"{','.join(STOCKS.column_names)}\nNAN,2011-12-01,1,1,1,1,1,1\n".encode()
    known = replaced(STOCKS, columns=columns)
    assert curate(known, "stocks/a.csv", body).quarantine.is_empty()
    unknown = curate(STOCKS, "stocks/a.csv", body).quarantine
    assert unknown["reasons"].to_list() == [["invalid_identifier"]]


@pytest.mark.parametrize(
    ("volume", "price", "reasons"),
    [
        ("1", "1e-12", None),
        ("0", "-1e12", None),
        ("100000000000000", "0", None),
        ("100000000000001", "1", ["number_out_of_range"]),
        ("-1", "1", ["number_out_of_range"]),
        ("1", "1e308", ["number_out_of_range"]),
        ("1", "1e309", ["number_out_of_range"]),
        ("1", "1e99999", ["number_out_of_range"]),
        ("1", "1e-13", ["number_out_of_range"]),
        ("1", "-1e-320", ["number_out_of_range"]),
        ("1", "1e-400", ["number_out_of_range"]),
        ("1", "nan", ["non_finite_number"]),
        ("1", "1e", ["unparseable_number"]),
    ],
)
def test_measurements_are_of_a_believable_size(
    volume: str, price: str, reasons: list[str] | None
) -> None:
    row = f"A,2011-12-01,1,1,1,{price},{volume},1"
    body = f"{','.join(STOCKS.column_names)}\n{row}\n".encode()
    found = curate(STOCKS, "stocks/a.csv", body).quarantine
    assert found["reasons"].to_list() == ([reasons] if reasons else [])


def test_cents_of_any_size_are_exact_or_quarantined() -> None:
    line = '{"TX_DATETIME": "2018-06-01 00:00:00", "CUSTOMER_ID": 1, "TX_AMOUNT": %s}\n'
    amounts = ["100000000000", "1", "100000000001", "-1", str(-(2**63)), str(2**63), "1.5", "1e2"]
    body = "".join(line % amount for amount in amounts).encode()
    curated = curate(CARD, "card-transactions/a.jsonl", body)
    assert curated.tables[TRANSACTIONS]["amount"].to_list() == [
        Decimal("1000000000"),
        Decimal("0.01"),
    ]
    assert [found for (found,) in curated.quarantine["reasons"]] == [
        *["number_out_of_range"] * 4,
        *["unparseable_number"] * 2,
    ]
