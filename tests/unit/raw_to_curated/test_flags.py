"""Which rules a row breaks."""

from __future__ import annotations

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
from datalake.contracts.curated import ORDERS


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (replace(0, ""), ["missing_required"]),
        (replace(1, "  "), ["missing_required"]),
        (replace(4, ""), ["missing_required"]),
        (replace(0, "A563186"), ["invalid_identifier"]),
        (replace(0, "5363651"), ["invalid_identifier"]),
        (replace(3, "six"), ["unparseable_number"]),
        (replace(3, "1.5"), ["unparseable_number"]),
        (replace(5, "1e3"), ["unparseable_number"]),
        (replace(5, "£2.55"), ["unparseable_number"]),
        (replace(5, "NaN"), ["non_finite_number"]),
        (replace(3, "-inf"), ["non_finite_number"]),
        (replace(5, "2.55555"), ["too_many_decimals"]),
        (replace(3, "99999999999999999999"), ["number_out_of_range"]),
        (replace(3, "1000000001"), ["number_out_of_range"]),
        (replace(3, "-1000000001"), ["number_out_of_range"]),
        (replace(5, "999999999999999999"), ["number_out_of_range"]),
        (replace(5, "0"), ["non_positive_price"]),
        (replace(5, "-11062.06"), ["non_positive_price"]),
        (replace(3, "0"), ["zero_quantity"]),
        (replace(0, "C536365"), ["contradictory_cancellation"]),
        (replace(4, "2011-02-30 00:00:00"), ["unparseable_date"]),
        (replace(4, "12/1/2010 8:26"), ["unparseable_date"]),
        (replace(4, "2010-12-01 08:26:00 GMT"), ["unparseable_date"]),
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
