"""The pure domain: bytes of one object in, tables, quarantine and counts out."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_to_curated_testing import Curated, curate, parse_csv

from datalake.contracts.curated import ORDERS, RETURNS, SALES
from raw_to_curated import content as content_module
from raw_to_curated import curate as curate_module
from raw_to_curated import lines
from raw_to_curated.curate import AccountingError
from raw_to_curated.reasons import ROW_SENTENCES, ObjectReason, RejectedError, RowReason
from raw_to_curated.records import LINE_NUMBER, MAX_LINES_PER_RECORD
from raw_to_curated.sources import SOURCES, source_of
from raw_to_curated.sources.model import ReturnsRule, Source, SourceColumn

RETAIL = SOURCES["online-retail"]
SUPERSTORE = SOURCES["superstore"]
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
KEY = "online-retail/a.csv"
SUPERSTORE_HEADER = (
    "Ship Mode,Segment,Country,City,State,Postal Code,Region,Category,Sub-Category,"
    "Sales,Quantity,Discount,Profit\r\n"
)
SUPERSTORE_ROW = (
    "Second Class,Consumer,United States,Henderson,Kentucky,42420,South,Furniture,Bookcases,"
    "261.96,2,0.2,-41.9136\r\n"
)


def retail(rows: str) -> Curated:
    return curate(RETAIL, KEY, (HEADER + rows).encode())


def rejected(body: bytes, key: str = KEY, source: Source = RETAIL) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        curate(source, key, body)
    assert len(caught.value.message) > 40
    return caught.value


def test_an_order_line_is_typed() -> None:
    row = retail(GOOD).tables[ORDERS].row(0, named=True)
    assert row == {
        "order_id": "536365",
        "line_number": 2,
        "product_id": "85123A",
        "description": "WHITE HOLDER",
        "quantity": 6,
        "unit_price": Decimal("2.5500"),
        "currency": "GBP",
        "ordered_at": datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        "customer_id": "17850",
        "country": "United Kingdom",
        "line_type": "product",
        "is_outlier": False,
        "outlier_score": 0.0,
        "near_duplicate_of": None,
        "imputed_columns": "",
    }


def test_a_cancellation_and_a_negative_quantity_are_returns() -> None:
    curated = retail(
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
        "536380,D,Discount,-3,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
    )
    assert curated.tables[ORDERS].is_empty()
    returns = curated.tables[RETURNS]
    assert returns.select("order_id", "quantity", "is_cancellation").rows() == [
        ("C536379", 1, True),
        ("536380", 3, False),
    ]


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


def test_superstore_fills_sales_not_orders() -> None:
    body = gzip.compress((SUPERSTORE_HEADER + SUPERSTORE_ROW).encode())
    curated = curate(SUPERSTORE, "superstore/a.csv.gz", body)
    assert list(curated.tables) == [SALES]
    row = curated.tables[SALES].row(0, named=True)
    assert (row["sales_amount"], row["quantity"]) == (Decimal("261.9600"), 2)
    assert (row["discount"], row["profit"]) == (Decimal("0.20000000"), Decimal("-41.9136"))
    assert (row["currency"], row["postal_code"]) == ("USD", "42420")


def test_superstore_falls_back_to_windows_1252() -> None:
    body = (SUPERSTORE_HEADER + SUPERSTORE_ROW.replace("Henderson", "Cañon")).encode("cp1252")
    curated = curate(SUPERSTORE, "superstore/a.csv", body)
    assert curated.encoding == "cp1252"
    assert curated.tables[SALES]["city"].to_list() == ["Cañon"]


def replace(column: int, value: str) -> str:
    fields = GOOD.rstrip("\n").split(",")
    fields[column] = value
    return ",".join(fields) + "\n"


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


def test_every_row_reason_has_a_sentence() -> None:
    assert set(ROW_SENTENCES) == set(RowReason)


def test_of_exact_duplicates_the_first_is_kept() -> None:
    bad = replace(3, "0")
    curated = retail(
        GOOD + bad + GOOD + GOOD.replace("WHITE", '"WHITE').replace("ER,", 'ER",') + bad
    )
    assert curated.exact_duplicates == 3
    assert curated.tables[ORDERS]["line_number"].to_list() == [2]
    assert curated.quarantine["line_number"].to_list() == [3]


def test_quoted_fields_may_contain_line_breaks() -> None:
    curated = retail(replace(2, '"two\r\nlines, ""quoted"""') + GOOD)
    orders = curated.tables[ORDERS]
    assert orders["description"].to_list() == ['two\nlines, "quoted"', "WHITE HOLDER"]
    assert orders["line_number"].to_list() == [2, 4]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_after_it() -> None:
    good = [GOOD.replace("536365", str(536366 + number)) for number in range(200)]
    good[50] = replace(2, '"never closed')
    good[150] = replace(2, 'closed"')
    curated = retail("".join(good))
    assert curated.tables[ORDERS].height == 198
    assert curated.quarantine["line_number"].to_list() == [52, 152]


def test_a_record_over_too_many_lines_is_not_believed() -> None:
    def spanning(lines: int) -> Curated:
        return retail(replace(2, '"' + "\n".join("x" * lines) + '"'))

    assert spanning(MAX_LINES_PER_RECORD).quarantine.is_empty()
    assert spanning(MAX_LINES_PER_RECORD + 1).quarantine.height == MAX_LINES_PER_RECORD + 1


def test_blank_lines_are_counted_and_are_no_rows() -> None:
    curated = curate(RETAIL, KEY, ("\n" + HEADER + "\n" + GOOD + "  \n\n").encode())
    assert (curated.rows_in, curated.blank_lines) == (1, 4)
    assert curated.tables[ORDERS]["line_number"].to_list() == [4]


def test_byte_order_mark_line_ends_and_order_of_columns_do_not_matter() -> None:
    lines = [line.split(",") for line in (HEADER + GOOD).splitlines()]
    text = "\r\n".join(",".join(reversed(line)) for line in lines)
    assert (
        curate(RETAIL, KEY, b"\xef\xbb\xbf" + text.encode())
        .tables[ORDERS]
        .equals(retail(GOOD).tables[ORDERS])
    )


def test_a_header_alone_gives_empty_tables() -> None:
    curated = retail("")
    assert (curated.rows_in, curated.quarantine.height) == (0, 0)
    assert [frame.height for frame in curated.tables.values()] == [0, 0]


UTF16 = (HEADER + GOOD).encode("utf-16")


@pytest.mark.parametrize(
    ("body", "key", "reason"),
    [
        (b"", KEY, ObjectReason.EMPTY_OBJECT),
        (b" \r\n\n", KEY, ObjectReason.EMPTY_OBJECT),
        (gzip.compress(b"", mtime=0), KEY + ".gz", ObjectReason.EMPTY_OBJECT),
        (HEADER.encode(), "online-retail/a.txt", ObjectReason.UNSUPPORTED_SUFFIX),
        (gzip.compress(GOOD.encode() * 50, mtime=0)[:-20], KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (b"\x1f\x8b\x08" + bytes(range(60)), KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (HEADER.encode(), KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (gzip.compress(HEADER.encode(), mtime=0), KEY, ObjectReason.NOT_TEXT),
        (b"PK\x03\x04rest of a workbook", KEY, ObjectReason.NOT_TEXT),
        (UTF16, KEY, ObjectReason.WRONG_ENCODING),
        (UTF16[2:], KEY, ObjectReason.NUL_BYTE),
        ((HEADER + GOOD).encode() + b"\x00", KEY, ObjectReason.NUL_BYTE),
        (HEADER.encode() + "Café".encode("latin-1"), KEY, ObjectReason.WRONG_ENCODING),
        (bytes(range(1, 256)) * 9, KEY, ObjectReason.WRONG_ENCODING),
        (b"A,B\n1,2\n", KEY, ObjectReason.COLUMNS_MISMATCH),
        (b'"' + b"x" * 200_000, KEY, ObjectReason.COLUMNS_MISMATCH),
    ],
)
def test_an_object_that_cannot_be_used_is_rejected(
    body: bytes, key: str, reason: ObjectReason
) -> None:
    assert rejected(body, key).reason is reason


def test_a_wrong_header_is_told_column_by_column() -> None:
    body = HEADER.replace("UnitPrice", "Price").replace("Country", "Country,Quantity").encode()
    error = rejected(body)
    assert error.details == {"missing": ["UnitPrice"], "extra": ["Price"], "repeated": ["Quantity"]}
    assert "missing: UnitPrice; not expected: Price; repeated: Quantity" in error.message


def test_the_line_with_the_wrong_encoding_is_named() -> None:
    assert "Line 3 " in rejected((HEADER + GOOD).encode() + b"caf\xe9\n").message


def test_a_decompression_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    original = gzip.GzipFile.read

    def counting(stream: gzip.GzipFile, size: int | None = -1) -> bytes:
        nonlocal read
        chunk = original(stream, size)
        read += len(chunk)
        return chunk

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    monkeypatch.setattr(content_module, "MAX_TEXT_BYTES", 3 * 1024 * 1024)
    error = rejected(gzip.compress(b"0" * 50_000_000), KEY + ".gz")
    assert error.reason is ObjectReason.TOO_LARGE
    assert read <= lines.CHUNK_BYTES
    assert rejected(b"0" * 3_200_000).reason is ObjectReason.TOO_LARGE


def test_rows_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = curate_module.clean

    def losing(rows: pl.DataFrame, source: Source) -> object:
        return original(rows.head(1), source)

    monkeypatch.setattr(curate_module, "clean", losing)
    with pytest.raises(AccountingError, match="2 rows in"):
        retail(GOOD + GOOD.replace("6,", "7,"))


FIELD = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=6)


# The first call of an engine is slow: no deadline.
@settings(deadline=None)
@given(st.lists(st.lists(FIELD, min_size=8, max_size=8), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    records = parse_csv(RETAIL, HEADER + buffer.getvalue())
    assert records.malformed.is_empty()
    # Beyond the limit of lines per record a field could be refused; these are far below.
    read = records.rows.select(RETAIL.column_names).rows()
    assert read == [tuple(field or None for field in row) for row in rows]


ANY = st.characters(exclude_categories=["Cs"])
ROWS = st.one_of(
    st.text(alphabet='",\n\r 5C-.é', max_size=40),
    st.text(ANY, max_size=40),
    st.just(GOOD),
    st.tuples(st.integers(0, 7), st.text(ANY, max_size=8)).map(lambda pair: replace(*pair)),
)


@settings(deadline=None)
@given(st.lists(ROWS, max_size=12).map("".join))
def test_no_text_is_lost_or_crashes_the_parser(text: str) -> None:
    if "\0" in text:
        assert rejected((HEADER + text).encode()).reason is ObjectReason.NUL_BYTE
        return
    curated = retail(text)  # raises unless every row is accounted for
    if '"' not in text:
        lines = text.replace("\r\n", "\n").split("\n")
        # Python takes four control characters for white space that Unicode does not.
        blank = re.compile(r"[^\S\x1c-\x1f]*")
        assert curated.rows_in == sum(not blank.fullmatch(line) for line in lines)


@settings(deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_crash_the_decoder(body: bytes, compressed: bool) -> None:
    with pytest.raises(RejectedError):
        curate(RETAIL, KEY + ".gz" if compressed else KEY, body)


def test_line_numbers_count_physical_lines() -> None:
    records = parse_csv(RETAIL, HEADER + "\n" + GOOD + "x\n" + GOOD)
    assert records.rows[LINE_NUMBER].to_list() == [3, 5]
    assert records.malformed[LINE_NUMBER].to_list() == [4]


def test_source_of_a_key() -> None:
    assert source_of("online-retail/2010/12.csv") is RETAIL
    assert source_of("online-retail") is None
    assert source_of("online-retail-2/a.csv") is None
    assert source_of("/online-retail/a.csv") is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: Source("Upper", RETAIL.table, RETAIL.columns, "GBP"),
        lambda: Source("x", RETAIL.table, RETAIL.columns[1:], "GBP"),
        lambda: Source("x", SALES, RETAIL.columns, "GBP"),
        lambda: Source("x", RETAIL.table, RETAIL.columns, "GBP", delimiter=";;"),
        lambda: Source(
            "x", RETAIL.table, (*RETAIL.columns, SourceColumn("Again", "country")), "GBP"
        ),
    ],
)
def test_a_wrong_mapping_is_refused(build: Callable[[], Source]) -> None:
    with pytest.raises(ValueError, match="source"):
        build()


def test_another_delimiter_is_a_matter_of_the_mapping() -> None:
    source = Source(
        "semicolons",
        ORDERS,
        RETAIL.columns,
        "EUR",
        returns=ReturnsRule(RETURNS, "[Cc].*"),
        delimiter=";",
    )
    text = (HEADER + GOOD).replace(",", ";")
    assert curate(source, KEY, text.encode()).tables[ORDERS]["currency"].to_list() == ["EUR"]
