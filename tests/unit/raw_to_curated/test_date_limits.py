from __future__ import annotations

import weakref
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import polars as pl
import pytest

from data_plane.curation import Curated, curate
from data_plane.retail import GOOD, HEADER, KEY, RETAIL
from data_plane.sources import CARD, CUSTOMERS
from datalake.contracts.curated import ORDERS
from raw_to_curated.curate import Batch
from raw_to_curated.date_limits import SAMPLE_ROWS, DateLimits, date_limits
from raw_to_curated.records import LINE_NUMBER, MALFORMED_SCHEMA, Records
from raw_to_curated.sources import SOURCES

UPLOADED = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
STOCKS, GAPMINDER = SOURCES["stocks"], SOURCES["gapminder"]
# Two days later it is another year.
YEAR_END = datetime(2009, 12, 31, tzinfo=UTC)


def orders(*times: str) -> Curated:
    rows = [
        GOOD.replace("2010-12-01 08:26:00", time).replace("536365", str(536000 + number))
        for number, time in enumerate(times)
    ]
    return curate(RETAIL, KEY, (HEADER + "".join(rows)).encode(), UPLOADED)


def reasons(curated: Curated) -> dict[int, list[str]]:
    return dict(curated.quarantine.select("line_number", "reasons").rows())


def batches_of(*sizes: int) -> list[Batch]:
    """Batches of rows with an order a day from 2010-12-01 on."""
    batches = []
    first = 0
    for size in sizes:
        numbers = pl.int_range(first, first + size, eager=True)
        time = (pl.lit(date(2010, 12, 1)) + pl.duration(days=numbers)).dt.strftime("%F 12:00:00")
        rows = pl.DataFrame({LINE_NUMBER: numbers + 2}).with_columns(
            time.alias(name) if name == "InvoiceDate" else pl.lit("1").alias(name)
            for name in RETAIL.column_names
        )
        records = Records(rows, pl.DataFrame(schema=MALFORMED_SCHEMA), 0, lambda _: pl.DataFrame())
        batches.append(Batch(1, partial(copy, records)))
        first += size
    return batches


def test_a_date_after_the_upload_is_quarantined_from_two_days_on() -> None:
    found = orders("2011-12-09 12:50:00", "2011-12-11 12:50:00", "2011-12-11 12:50:01")
    assert reasons(found) == {4: ["date_after_upload"]}
    assert "2011-12-11 12:50:00 UTC" in found.quarantine["explanations"][0][0]


def test_the_time_of_the_upload_is_compared_in_utc() -> None:
    # British Summer Time: an hour ahead of UTC.
    body = (HEADER + GOOD.replace("2010-12-01 08:26", "2011-07-03 12:50")).encode()
    late = curate(RETAIL, KEY, body, datetime(2011, 7, 1, 11, 49, 59, tzinfo=UTC))
    assert reasons(late) == {2: ["date_after_upload"]}
    assert not reasons(curate(RETAIL, KEY, body, datetime(2011, 7, 1, 11, 50, tzinfo=UTC)))


def test_days_and_optional_times_may_not_lie_after_the_upload_either() -> None:
    columns = ",".join(STOCKS.column_names)
    body = f"{columns}\nA,2011-12-11,1,1,1,1,1,1\nA,2011-12-12,1,1,1,1,1,1\n".encode()
    assert reasons(curate(STOCKS, "stocks/a.csv", body, UPLOADED)) == {3: ["date_after_upload"]}
    customer = b'{"customer_id": "1", "registered_at": "2098-01-01T00:00:00Z"}\n{"customer_id":"2"}'
    found = curate(CUSTOMERS, "customer-master/a.jsonl", customer, UPLOADED)
    assert reasons(found) == {1: ["date_after_upload"]}


def test_a_date_far_from_the_first_rows_is_quarantined_where_the_source_declares_a_span() -> None:
    # 2001 for 2010; the span is 800 days.
    found = orders(*["2010-12-01 08:26:00"] * 3, "2001-12-01 08:26:00", "2008-09-22 08:26:00")
    assert reasons(found) == {5: ["date_far_from_rest"]}
    assert "2008-09-22 to 2013-02-08" in found.quarantine["explanations"][0][0]
    assert not reasons(curate(CUSTOMERS, "customer-master/a.jsonl", JSON_LINES, UPLOADED))


JSON_LINES = b"\n".join(
    b'{"customer_id": "%d", "registered_at": "%d-01-01T00:00:00Z"}' % (year, year)
    for year in range(1991, 2011)
)


def test_a_wrong_date_in_the_first_row_does_not_move_the_anchor() -> None:
    found = orders("1999-01-01 00:00:00", "no date", *["2010-12-01 08:26:00"] * 3)
    assert reasons(found) == {2: ["date_far_from_rest"], 3: ["unparseable_date"]}


def test_payments_of_other_formats_have_limits_too() -> None:
    line = '{"TX_DATETIME": "%s 00:00:00", "CUSTOMER_ID": 1, "TERMINAL_ID": 2, "TX_AMOUNT": 3}\n'
    body = "".join(line % day for day in ("2010-01-01", "2010-01-02", "1993-01-02")).encode()
    found = curate(CARD, "card-transactions/a.jsonl", body, UPLOADED)
    assert reasons(found) == {3: ["date_far_from_rest"]}


@pytest.mark.parametrize("sizes", [(2 * SAMPLE_ROWS,), (1, 0, 300, 2 * SAMPLE_ROWS - 301), (7,)])
def test_the_anchor_is_the_median_day_of_the_first_rows_however_they_are_cut(
    sizes: tuple[int, ...],
) -> None:
    batches = batches_of(*sizes)
    limits, again = date_limits(RETAIL, datetime(2020, 1, 1, tzinfo=UTC), batches)
    middle = date(2010, 12, 1) + timedelta(days=(min(sum(sizes), SAMPLE_ROWS) - 1) // 2)
    span = timedelta(days=800)
    assert (limits.first_day, limits.last_day) == (middle - span, middle + span)
    rows = [batch.parse().rows for batch in again]
    assert [frame.height for frame in rows] == list(sizes)
    assert all(a.equals(b.parse().rows) for a, b in zip(rows, batches, strict=True))


def test_dates_after_the_upload_do_not_move_the_anchor() -> None:
    limits, _ = date_limits(RETAIL, datetime(2010, 12, 8, tzinfo=UTC), batches_of(100))
    # Nine days, of which 2010-12-05 is in the middle.
    assert limits.first_day == date(2010, 12, 5) - timedelta(days=800)


def test_without_a_span_or_a_date_there_is_no_anchor() -> None:
    without_span = replace(RETAIL, span_days=None)
    limits, _ = date_limits(without_span, UPLOADED, batches_of(3))
    assert limits == DateLimits(UPLOADED + timedelta(days=2))
    assert date_limits(RETAIL, UPLOADED, [])[0] == limits


@pytest.mark.parametrize(
    ("uploaded", "late"), [(datetime(2009, 6, 1, tzinfo=UTC), [2010, 2011]), (YEAR_END, [2011])]
)
def test_a_year_after_the_upload_is_quarantined(uploaded: datetime, late: list[int]) -> None:
    lines = [f"A,{year},1.5,70.1,1000\n" for year in (2008, 2009, 2010, 2011)]
    body = (",".join(GAPMINDER.column_names) + "\n" + "".join(lines)).encode()
    found = curate(GAPMINDER, "gapminder/a.csv", body, uploaded)
    assert reasons(found) == {year - 2006: ["date_after_upload"] for year in late}
    assert all("year lies in the future" in texts[0] for texts in found.quarantine["explanations"])


def test_a_year_outside_of_the_contract_has_that_reason_alone() -> None:
    body = (",".join(GAPMINDER.column_names) + "\nA,2100,1,70,1\nA,0,1,70,1\n").encode()
    found = curate(GAPMINDER, "gapminder/a.csv", body, UPLOADED)
    assert reasons(found) == {2: ["number_out_of_range"], 3: ["number_out_of_range"]}


def test_years_far_from_the_rest_are_told_as_days_are() -> None:
    limits = DateLimits(UPLOADED, date(2008, 9, 22), date(2013, 2, 8))
    years = pl.DataFrame({"year": [2007, 2008, 2013, 2014, None]})
    far = years.select(limits.is_far(pl.col("year"), pl.Int64())).to_series()
    assert far.to_list() == [True, False, False, True, None]


def test_good_rows_keep_their_places_beside_far_ones() -> None:
    found = orders("2010-12-01 08:26:00", "1991-12-01 08:26:00", "2010-12-02 08:26:00")
    assert found.tables[ORDERS]["line_number"].to_list() == [2, 4]


def test_batches_that_were_looked_at_are_not_held() -> None:
    _, batches = date_limits(RETAIL, UPLOADED, iter(batches_of(SAMPLE_ROWS, 1)))
    first = weakref.ref(next(batches).parse())
    next(batches)
    assert first() is None
