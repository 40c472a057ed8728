"""Every declared source on a sample of its files, and every format on a few rows."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from raw_to_curated_testing import Curated, curate

from raw_to_curated.drift import infer
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source

FILES = Path(__file__).parents[3] / "lambda-functions" / "raw-to-curated" / "events" / "files"
CARD = SOURCES["card-transactions"]
PRICES = SOURCES["price-list"]
CUSTOMERS = SOURCES["customer-master"]


def only(curated: Curated) -> pl.DataFrame:
    """The only table, of an object of which every row was good."""
    assert curated.quarantine.is_empty(), curated.quarantine.rows()
    (frame,) = curated.tables.values()
    return frame


def rejected(source: Source, key: str, body: bytes) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        curate(source, key, body)
    return caught.value


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_every_source_has_a_sample_that_is_good(source: Source) -> None:
    samples = sorted(FILES.glob(f"{source.name}-sample.*"))
    assert samples, f"put a file {source.name}-sample.<suffix> into {FILES}"
    for sample in samples:
        curated = curate(source, f"{source.name}/{sample.name}", sample.read_bytes())
        assert curated.rows_in > 2
        assert curated.tables[source.table].height > curated.rows_in / 2
        assert curated.reader.observed.retyped == []


def test_columns_aligned_with_blanks() -> None:
    text = " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n"
    row = only(curate(SOURCES["cdnow"], "cdnow/a.txt", text.encode())).row(0, named=True)
    assert (row["customer_id"], row["quantity"], row["amount"]) == ("00001", 1, Decimal("11.7700"))
    assert row["transacted_at"] == datetime(1997, 1, 1, tzinfo=UTC)
    assert row["line_number"] == 2


def test_series_and_indicators() -> None:
    prices = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close\nIBM,2000-03-01,1,2,0.5,1.5,9,1e-3\n"
    row = only(curate(SOURCES["stocks"], "stocks/a.csv", prices.encode())).row(0, named=True)
    assert (row["observed_on"], row["value"], row["adjusted_value"]) == (
        date(2000, 3, 1),
        1.5,
        0.001,
    )
    assert (row["unit"], row["frequency"]) == ("USD", "daily")
    years = "country,year,fertility,life_expectancy,population\nChad,1964,6.3,,3000000\n"
    row = only(curate(SOURCES["gapminder"], "gapminder/a.csv", years.encode())).row(0, named=True)
    assert (row["life_expectancy"], row["gdp_per_capita"]) == (None, None)


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e999"])
def test_measurements_are_finite(value: str) -> None:
    text = f"country,year,fertility,life_expectancy,population\nChad,1964,{value},,3\n"
    (reasons,) = curate(SOURCES["gapminder"], "g/a.csv", text.encode()).quarantine["reasons"]
    assert reasons.to_list() in (["non_finite_number"], ["number_out_of_range"])


def card_frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "TX_DATETIME": [datetime(2018, 6, 1, 0, 1, 11), datetime(2018, 6, 1), None],
            "CUSTOMER_ID": [852, 7, 8],
            "TERMINAL_ID": [5161, None, 3],
            "TX_AMOUNT": [16364, 5, 1],
            "TX_FRAUD": [0, 1, None],
            "TX_FRAUD_SCENARIO": [0, 1, 0],
        }
    )


def test_parquet() -> None:
    body = io.BytesIO()
    card_frame().write_parquet(body)
    curated = curate(CARD, "card-transactions/a.parquet", body.getvalue())
    (frame,) = curated.tables.values()
    assert frame["amount"].to_list() == [Decimal("163.6400"), Decimal("0.0500")]
    assert frame["is_fraud"].to_list() == [False, True]
    assert frame["terminal_id"].to_list() == ["5161", None]
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"]) == (["missing_required"], 3)
    assert json.loads(bad["raw_text"])["CUSTOMER_ID"] == "8"


def test_json_lines_give_what_parquet_gives() -> None:
    text = card_frame().head(2).write_ndjson().replace("T00:01:11.000000", " 00:01:11")
    text = text.replace("T00:00:00.000000", " 00:00:00")
    body = io.BytesIO()
    card_frame().head(2).write_parquet(body)
    assert only(curate(CARD, "card-transactions/a.jsonl", text.encode())).equals(
        only(curate(CARD, "card-transactions/a.parquet", body.getvalue()))
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", "malformed_json"),
        ("[1]", "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"customer_id": "1", "customer_id": "2"}', "malformed_json"),
        ('{"customer_id": "\\ud800"}', "malformed_json"),
        ('{"customer_id": {"a": 1}}', "nested_value"),
        ('{"customer_id": "1", "later": 1}', "unknown_member"),
        ('{"country": "UK"}', "missing_required"),
        ('{"customer_id": "1", "registered_at": "yesterday"}', "unparseable_date"),
    ],
)
def test_a_bad_json_line_is_quarantined_whole(line: str, reason: str) -> None:
    good = '{"customer_id": 17850, "country": "UK"}\n'
    text = good * 2_000 + "\n" + line + "\n"
    curated = curate(CUSTOMERS, "customer-master/a.jsonl", text.encode())
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"], bad["raw_text"]) == ([reason], 2_002, line)
    assert (curated.blank_lines, curated.exact_duplicates) == (1, 1_999)


def workbook(frame: pl.DataFrame) -> bytes:
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="only xlsxwriter makes workbooks")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, name)
            for row, value in enumerate(frame[name], start=1):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)
        sheet.write_formula(1, 3, "=1+1", value=2.5)
    return file.getvalue()


def test_a_workbook() -> None:
    frame = pl.DataFrame(
        {
            "Stock Code": ["85123A", "=1+1", "22139"],
            "Description": ["WHITE HOLDER", None, "@SUM(A1)"],
            "Category": ["Home", "Home", None],
            "List Price": [2.55, 1234.5, 3.0],
        }
    )
    products = only(curate(PRICES, "price-list/a.xlsx", workbook(frame)))
    # A formula gives its value; what only looks like one stays a text.
    assert products["list_price"].to_list() == [Decimal("2.5"), Decimal("1234.5"), Decimal("3")]
    assert products["product_id"].to_list() == ["85123A", "=1+1", "22139"]
    assert products["line_number"].to_list() == [2, 3, 4]


def test_decimal_commas_and_groups() -> None:
    rows = ["A;;;1.234,50", "B;;;2,55", "C;;;7", "D;;;2.55", "E;;;1.23,4", "F;;;1,234.50"]
    text = "\n".join(["Stock Code;Description;Category;List Price", *rows])
    curated = curate(PRICES, "price-list/a.csv", text.encode())
    (frame,) = curated.tables.values()
    assert frame["list_price"].to_list() == [Decimal("1234.5"), Decimal("2.55"), Decimal("7")]
    assert curated.quarantine["line_number"].to_list() == [5, 6, 7]


def zipped(*members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in members:
            archive.writestr(name, (FILES / "online-retail-sample.csv").read_bytes())
    return file.getvalue()


def test_an_archive_of_one_file_whatever_its_name_says() -> None:
    source = SOURCES["online-retail"]
    plain = (FILES / "online-retail-sample.csv").read_bytes()
    expected = curate(source, "online-retail/a.csv", plain)
    for body, key in (
        (zipped("../../etc/passwd"), "online-retail/a.csv.zip"),
        (gzip.compress(plain), "online-retail/a.csv.gz"),
    ):
        curated = curate(source, key, body)
        assert all(curated.tables[t].equals(expected.tables[t]) for t in expected.tables)
    error = rejected(source, "online-retail/a.csv.zip", zipped("a", "b"))
    assert error.reason is ObjectReason.NOT_ONE_MEMBER
    for body in (b"", b"no archive", zipped("a")[:-30]):
        error = rejected(source, "online-retail/a.csv.zip", body)
        assert error.reason is ObjectReason.CORRUPT_ZIP


@pytest.mark.parametrize(
    ("source", "key", "body", "reason"),
    [
        (CARD, "c/a.parquet", b"PAR1 and no more", ObjectReason.CORRUPT_PARQUET),
        (CARD, "c/a.parquet", b"", ObjectReason.CORRUPT_PARQUET),
        (PRICES, "p/a.xlsx", b"no workbook", ObjectReason.CORRUPT_WORKBOOK),
        (PRICES, "p/a.xlsx", zipped("a"), ObjectReason.CORRUPT_WORKBOOK),
        (CUSTOMERS, "c/a.jsonl", b"\n\n", ObjectReason.EMPTY_OBJECT),
        (CARD, "c/a.parquet.gz", b"x", ObjectReason.UNSUPPORTED_SUFFIX),
    ],
)
def test_damaged_files_are_rejected(
    source: Source, key: str, body: bytes, reason: ObjectReason
) -> None:
    assert rejected(source, key, body).reason is reason


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


def test_all_of_the_card_transactions() -> None:
    folder = os.environ.get("FLEET_DATA_DIR")
    if not folder:
        pytest.skip("set FLEET_DATA_DIR to the folder that has card_transactions_simulated.parquet")
    body = (Path(folder) / "card_transactions_simulated.parquet").read_bytes()
    frame = only(curate(CARD, "card-transactions/all.parquet", body))
    assert frame.height == 584_546
    assert frame["is_fraud"].sum() == 5_124
