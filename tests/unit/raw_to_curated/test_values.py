"""What value a text becomes."""

from __future__ import annotations

from datetime import UTC, datetime

from data_plane.retail import GOOD, retail
from datalake.contracts.curated import ORDERS


def test_local_time_becomes_utc() -> None:
    # British Summer Time; of the hour that occurs twice in autumn the first one is taken.
    curated = retail(
        GOOD.replace("2010-12-01 08:26", "2011-07-01 12:00")
        + GOOD.replace("2010-12-01 08:26", "2011-10-30 01:30")
    )
    assert curated.tables[ORDERS]["ordered_at"].to_list() == [
        datetime(2011, 7, 1, 11, 0, tzinfo=UTC),
        datetime(2011, 10, 30, 0, 30, tzinfo=UTC),
    ]


def test_values_are_trimmed_and_empty_ones_null() -> None:
    rows = "536365, 85123A ,  , 6 ,2010-12-01 08:26:00, 2.55 ,17850.0,United Kingdom\n"
    row = retail(rows).tables[ORDERS].row(0, named=True)
    assert (row["product_id"], row["description"]) == ("85123A", None)
    assert (row["quantity"], row["customer_id"]) == (6, "17850")
