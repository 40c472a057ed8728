"""A typed value comes out as it went in, or its row is refused and shows it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_to_curated.curate import Batch, segments
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Format, Source
from raw_to_curated.typed_files.columns import check_types, parquet_records

CARD = replace(
    SOURCES["card-transactions"],
    columns=tuple(replace(c, minor_digits=0) for c in SOURCES["card-transactions"].columns),
    ignored=(),
)
LONDON = replace(CARD, timezone="Europe/London")
STOCKS = replace(SOURCES["stocks"], formats=(Format.PARQUET,))
NAME = {column.target: column.name for source in (STOCKS, CARD) for column in source.columns}
GOOD: dict[str, Any] = {
    "TX_DATETIME": datetime(2018, 6, 1),
    "CUSTOMER_ID": 7,
    "TERMINAL_ID": 3,
    "TX_AMOUNT": Decimal(5),
    "TX_FRAUD": False,
    "Ticker": "IBM",
    "Date": date(2001, 2, 3),
    "Open": 1.0,
    "High": 1.0,
    "Low": 1.0,
    "Close": 1.0,
    "Volume": 9,
    "Adj Close": 1.0,
}


def outcome(source: Source, column: str, values: pl.Series) -> list[Any]:
    """What becomes of values in an otherwise good table: the value, or the reasons as a tuple."""
    others = {n: GOOD[n] for n in source.column_names if n != NAME[column]}
    typed = pl.DataFrame(values.alias(NAME[column])).with_columns(
        # Distinct rows, so that none is a duplicate.
        *(pl.lit(value).alias(name) for name, value in others.items())
    )
    varied = "High"
    if source.table.name == "transactions":
        varied = "TERMINAL_ID" if column == "customer_id" else "CUSTOMER_ID"
    typed = typed.with_columns(pl.int_range(pl.len()).alias(varied))
    records = parquet_records(source, typed, 1)
    batches = [Batch(1, lambda: records)]
    # Extremes are the matter here, not when the file came.
    dates = DateLimits(datetime(9999, 12, 31, tzinfo=UTC))
    (segment,) = segments(source, f"{source.name}/a.parquet", batches, dates)
    found: dict[int, Any] = {}
    (table,) = segment.tables.values()
    found.update(table.select("line_number", column).rows())
    found.update(
        {n: tuple(r) for n, r in segment.quarantine.select("line_number", "reasons").rows()}
    )
    return [found[number] for number in sorted(found)]


def series(values: list[Any], dtype: pl.DataType) -> pl.Series:
    return pl.Series(values, dtype=dtype)


NAIVE = datetime(2018, 6, 1, 12, 30, 15, 123456)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("source", [CARD, LONDON])
def test_naive_times_are_local(source: Source, unit: Any) -> None:
    moment = NAIVE.replace(microsecond=123000) if unit == "ms" else NAIVE
    expected = moment.replace(tzinfo=ZoneInfo(source.timezone)).astimezone(UTC)
    values = series([moment, None], pl.Datetime(unit))
    assert outcome(source, "transacted_at", values) == [expected, ("missing_required",)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Asia/Kathmandu"])
def test_times_with_a_zone_are_instants(zone: str) -> None:
    # The second of the two 01:30 of that night, which local time does not tell.
    moment = datetime(2018, 10, 28, 1, 30, 0, 7, tzinfo=UTC)
    values = series([moment], pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    assert outcome(LONDON, "transacted_at", values) == [moment]


def test_a_local_time_that_was_skipped() -> None:
    values = series([datetime(2018, 3, 25, 1, 30)], pl.Datetime("us"))
    assert outcome(LONDON, "transacted_at", values) == [("nonexistent_local_time",)]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London"])
@pytest.mark.parametrize(
    ("unit", "number"),
    [
        *(("ns", n) for n in (1, 999, 1_527_811_200_000_000_001, 2**63 - 1, -(2**63))),
        *(("us", n) for n in (2**63 - 1, -(2**63), 253_402_300_800_000_000)),
        *(("ms", n) for n in (2**63 - 1, -(2**63), 253_402_300_800_000)),
    ],
)
def test_a_time_that_no_table_holds(unit: Any, number: int, zone: str | None) -> None:
    values = series([number], pl.Int64()).cast(pl.Datetime(unit, zone))
    assert outcome(LONDON, "transacted_at", values) == [("unrepresentable_time",)]


@pytest.mark.parametrize("year", [1, 1677, 1969, 2262, 9999])
def test_a_time_outside_the_years_of_the_table(year: int) -> None:
    values = series([datetime(year, 6, 1)], pl.Datetime("us"))
    assert outcome(CARD, "transacted_at", values) == [("date_out_of_range",)]


def test_days() -> None:
    values = series([date(2001, 2, 3), date(1, 1, 1), None], pl.Date())
    assert outcome(STOCKS, "observed_on", values) == [
        date(2001, 2, 3),
        ("date_out_of_range",),
        ("missing_required",),
    ]
    extremes = series([2**31 - 1, -(2**31)], pl.Int32()).cast(pl.Date)
    assert outcome(STOCKS, "observed_on", extremes) == [("unrepresentable_time",)] * 2


def test_a_time_of_day_is_not_cut_off_a_day() -> None:
    midnight, later = datetime(2001, 2, 3), datetime(2001, 2, 3, 0, 0, 0, 1)
    assert outcome(STOCKS, "observed_on", series([midnight, later], pl.Datetime("us"))) == [
        date(2001, 2, 3),
        ("unrepresentable_time",),
    ]


@pytest.mark.parametrize(
    ("source", "schema"),
    [
        (CARD, {"TX_DATETIME": pl.Date()}),
        (CARD, {"CUSTOMER_ID": pl.Date()}),
        (CARD, {"TERMINAL_ID": pl.Datetime("us")}),
        (CARD, {"TX_AMOUNT": pl.Datetime("ms")}),
        (CARD, {"TX_FRAUD": pl.Date()}),
        (STOCKS, {"Volume": pl.Date()}),
    ],
)
def test_times_where_the_table_has_none(source: Source, schema: dict[str, pl.DataType]) -> None:
    whole = {**dict.fromkeys(source.column_names, pl.String()), **schema}
    with pytest.raises(RejectedError) as caught:
        check_types(source, pl.Schema(whole))
    ((name, dtype),) = schema.items()
    assert caught.value.details == {"retyped": [f"{name}: {dtype}"]}


def test_days_where_the_source_gives_days_for_times() -> None:
    source = replace(CARD, timestamp_format="%Y%m%d")
    check_types(
        source,
        pl.Schema(dict.fromkeys(source.column_names, pl.Date()))
        | {name: pl.String() for name in source.column_names if name != "TX_DATETIME"},
    )
    found = outcome(source, "transacted_at", series([date(2018, 6, 1)], pl.Date()))
    assert found == [datetime(2018, 6, 1, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("dtype", "value", "code"),
    [
        (pl.Float64(), 852.0, "852"),
        (pl.Float64(), float(2**53 - 1), str(2**53 - 1)),
        (pl.Float32(), 16_777_215.0, "16777215"),
        (pl.Float16(), 2047.0, "2047"),
        (pl.Int64(), 2**63 - 1, str(2**63 - 1)),
        (pl.UInt64(), 2**64 - 1, str(2**64 - 1)),
        (pl.Int8(), 5, "5"),
        (pl.Decimal(20, 2), Decimal("852.00"), "852"),
        (pl.Decimal(38, 0), Decimal(10**37), str(10**37)),
        (pl.String(), "0852", "0852"),
        (pl.Categorical(), "0852", "0852"),
        (pl.Enum(["a", "b"]), "b", "b"),
    ],
)
def test_codes(dtype: pl.DataType, value: Any, code: str) -> None:
    assert outcome(CARD, "terminal_id", series([value], dtype)) == [code]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (pl.Float64(), 852.5),
        (pl.Float64(), math.inf),
        (pl.Float64(), -math.inf),
        (pl.Float64(), float(2**53)),
        (pl.Float64(), 1e300),
        (pl.Float64(), 1e-300),
        (pl.Float32(), float(2**24)),
        (pl.Float16(), float(2**11)),
        (pl.Decimal(20, 2), Decimal("852.50")),
        (pl.String(), "852.0"),
    ],
)
def test_what_is_no_code(dtype: pl.DataType, value: Any) -> None:
    assert outcome(CARD, "terminal_id", series([value], dtype)) == [("invalid_identifier",)]


def test_a_gap_in_codes_that_pandas_made_floats() -> None:
    values = series([852.0, math.nan, None], pl.Float64())
    assert outcome(CARD, "terminal_id", values) == ["852", None, None]
    values = series([math.nan], pl.Float64())
    assert outcome(CARD, "customer_id", values) == [("missing_required",)]


def test_labels() -> None:
    for dtype in (pl.Int8(), pl.UInt64(), pl.Float64(), pl.Decimal(3, 1)):
        assert outcome(CARD, "is_fraud", series([1, 0, None], dtype))[1:] == [False, None]
    assert outcome(CARD, "is_fraud", series([True, False], pl.Boolean())) == [True, False]
    assert outcome(CARD, "is_fraud", series([2], pl.Int64())) == [("unparseable_boolean",)]
    assert outcome(CARD, "customer_id", series([True], pl.Boolean())) == [("invalid_identifier",)]
    assert outcome(CARD, "is_fraud", series([None], pl.Null())) == [None]


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.Float32()])
def test_amounts_of_floats_are_their_shortest_decimals(dtype: pl.DataType) -> None:
    values = series([2.55, 0.1, 1e-4, 16384.0, 1e-7, 1e30, math.inf, math.nan], dtype)
    assert outcome(CARD, "amount", values) == [
        *(Decimal("2.55"), Decimal("0.1"), Decimal("0.0001"), Decimal(16384)),
        ("too_many_decimals",),
        ("number_out_of_range",),
        ("non_finite_number",),
        ("non_finite_number",),
    ]


DECIMALS = st.decimals(-(10**12), 10**12, places=8, allow_nan=False)


@settings(max_examples=30)
@given(st.lists(DECIMALS, min_size=1, max_size=20), st.integers(0, 8))
def test_decimals_of_any_scale(values: list[Decimal], scale: int) -> None:
    written = [value.quantize(Decimal(1).scaleb(-scale)) for value in values]
    found = outcome(CARD, "amount", series(written, pl.Decimal(38, scale)))
    for value, result in zip(written, found, strict=True):
        assert result == value or ("too_many_decimals" in result or "number_out_of_range" in result)
        is_fine = 0 <= value <= 10**9 and value == value.quantize(Decimal("0.0001"))
        assert (result == value) == is_fine


INTEGERS = {
    dtype: st.integers(*bounds)
    for dtype, bounds in {
        pl.Int8(): (-(2**7), 2**7 - 1),
        pl.Int32(): (-(2**31), 2**31 - 1),
        pl.Int64(): (-(2**63), 2**63 - 1),
        pl.UInt16(): (0, 2**16 - 1),
        pl.UInt64(): (0, 2**64 - 1),
    }.items()
}
ANY_INTEGERS = st.sampled_from(list(INTEGERS)).flatmap(
    lambda dtype: st.tuples(st.just(dtype), st.lists(INTEGERS[dtype], min_size=1, max_size=9))
)


@settings(max_examples=30)
@given(ANY_INTEGERS)
def test_whole_numbers(typed: tuple[pl.DataType, list[int]]) -> None:
    dtype, values = typed
    for column in ("volume", "value"):
        for value, found in zip(
            values, outcome(STOCKS, column, series(values, dtype)), strict=True
        ):
            assert isinstance(found, tuple) or Fraction(found) == value
    assert outcome(CARD, "terminal_id", series(values, dtype)) == [str(value) for value in values]


@settings(max_examples=40)
@given(st.lists(st.floats(width=64), min_size=1, max_size=9), st.sampled_from([32, 64]))
def test_floats(values: list[float], width: int) -> None:
    typed = series(values, pl.Float64()).cast(pl.Float32() if width == 32 else pl.Float64())
    for value, found in zip(typed.to_list(), outcome(STOCKS, "value", typed), strict=True):
        assert found == value or isinstance(found, tuple)
        # The contract's range is far narrower than the type's.
        assert isinstance(found, tuple) or math.isfinite(found)
    for value, found in zip(typed.to_list(), outcome(CARD, "terminal_id", typed), strict=True):
        if value is None or math.isnan(value):
            assert found is None
        elif math.isfinite(value) and value == int(value) and abs(value) < 2**24:
            assert found == f"{value:.0f}"


MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1))


@settings(max_examples=40)
@given(st.lists(MOMENTS, min_size=1, max_size=9), st.sampled_from(["us", "ns"]))
def test_times(moments: list[datetime], unit: Any) -> None:
    first, last = datetime(1990, 1, 1), datetime(2099, 12, 31, 23, 59, 59)
    for zone in (None, "UTC"):
        values = series(moments, pl.Datetime(unit)).dt.replace_time_zone(zone)
        for moment, found in zip(moments, outcome(CARD, "transacted_at", values), strict=True):
            expected = moment.replace(tzinfo=UTC) if first <= moment <= last else None
            assert found == (expected or ("date_out_of_range",))


def test_quarantine_shows_all_of_a_value() -> None:
    moment = datetime(2018, 6, 1, 12, 30, 15) + timedelta(microseconds=1)
    typed = pl.DataFrame(
        {
            "TX_DATETIME": series([1_527_811_200_000_000_001], pl.Int64()).cast(
                pl.Datetime("ns", "UTC")
            ),
            "CUSTOMER_ID": series([math.nan], pl.Float64()),
            "TERMINAL_ID": series([0.1 + 0.2], pl.Float64()),
            "TX_AMOUNT": series([Decimal("1.2345678")], pl.Decimal(38, 7)),
            "TX_FRAUD": series([moment], pl.Datetime("us")),
        }
    )
    (text,) = parquet_records(CARD, typed, 1).malformed["__raw_text"]
    assert json.loads(text) == {
        "TX_DATETIME": "2018-06-01T00:00:00.000000001Z",
        "CUSTOMER_ID": "NaN",
        "TERMINAL_ID": "0.30000000000000004",
        "TX_AMOUNT": "1.2345678",
        "TX_FRAUD": "2018-06-01T12:30:15.000001",
    }
    extremes = typed.with_columns(
        series([2**63 - 1], pl.Int64()).cast(pl.Datetime("ms")).alias("TX_DATETIME"),
        series([-(2**31)], pl.Int32()).cast(pl.Date).alias("TX_FRAUD"),
    )
    (text,) = parquet_records(CARD, extremes, 1).malformed["__raw_text"]
    assert json.loads(text)["TX_DATETIME"] == f"{2**63 - 1} ms since 1970"
    assert json.loads(text)["TX_FRAUD"] == f"{-(2**31)} days since 1970"
