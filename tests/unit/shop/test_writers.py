from __future__ import annotations

import gzip
import io
import json
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from shop import writers
from shop.customers import Cohort, Purchases
from shop.economy import economy
from shop.indicators import indicators
from shop.lines import Lines
from shop.market import market
from shop.parameters import MarketLaws, Parameters
from shop.payments import payment_months
from shop.products import products
from shop.sales import sales_months

PARAMETERS = Parameters(lines=2_000, months=1, market=MarketLaws(years=1))
PRODUCTS = products(PARAMETERS)
COUNTRIES = writers.countries_of(PARAMETERS)
AT = np.array(["2023-01-02T10:05", "2023-07-03T09:00"], "datetime64[m]")
ZERO_ONE = np.array([0, 1])


def test_invoice_lines_are_written_as_online_retail() -> None:
    goods = len(PRODUCTS)
    lines = Lines(
        number=np.array([100_001, 100_002]),
        customer=np.array([100_009, 100_010]),
        country=ZERO_ONE,
        product=np.array([3, goods + 2]),
        quantity=np.array([6, -1]),
        price=np.array([5, 12_345]),
        at=AT,
        purchase=np.array([0, 0]),
    )

    rows = writers.online_retail(lines, PRODUCTS, COUNTRIES)

    code, name = PRODUCTS.codes[3], PRODUCTS.descriptions[3]
    assert rows.rows() == [
        ("100001", code, name, "6", "2023-01-02 10:05:00", "0.05", "100009", "United Kingdom"),
        ("C100002", "D", "Discount", "-1", "2023-07-03 09:00:00", "123.45", "100010", "Germany"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_csv_has_a_header_and_an_encoding(encoding: str) -> None:
    content = writers.csv(pl.DataFrame({"A": ["é;"], "B": [1]}), separator=";", encoding=encoding)

    assert content.decode(encoding) == 'A;B\n"é;";1\n'


def test_compression_does_not_know_the_time() -> None:
    packed = writers.compressed(b"text")

    assert gzip.decompress(packed) == b"text"
    assert packed[4:8] == bytes(4)


def test_customers_are_json_lines() -> None:
    cohort = Cohort(
        customer=np.array([100_001, 100_002]),
        country=ZERO_ONE,
        rate=np.ones(2),
        dropout=np.ones(2),
        value=np.array([100.0, 1e6]),
        won=AT,
    )

    lines = writers.customer_master(cohort, COUNTRIES).decode().splitlines()

    assert json.loads(lines[0]) == {
        "customer_id": "100001",
        "country": "United Kingdom",
        "segment": "retail",
        "registered_at": "2023-01-02T10:05:00Z",
    }
    in_summer = json.loads(lines[1])
    assert in_summer["segment"] == "wholesale"
    assert in_summer["registered_at"] == "2023-07-03T08:00:00Z"


def test_the_price_list_has_the_last_prices_with_decimal_commas() -> None:
    text = writers.price_list(PRODUCTS, ["A", "B", "C", "D", "E", "F"]).decode("cp1252")

    header, first, *rest = text.splitlines()
    assert header == "Stock Code;Description;Category;List Price"
    price = round(PRODUCTS.list_price[0] * PRODUCTS.revision[0, -1])
    group = "ABCDEF"[PRODUCTS.group[0]]
    description = PRODUCTS.descriptions[0]
    assert first == f"{PRODUCTS.codes[0]};{description};{group};{price // 100},{price % 100:02d}"
    assert len(rest) == len(PRODUCTS) - 1


def test_purchases_are_columns_aligned_with_blanks() -> None:
    bought = Purchases(ZERO_ONE, np.array([7, 8]), ZERO_ONE, ZERO_ONE, AT, np.array([5, 123_456]))

    assert writers.cdnow(bought, 7).decode().splitlines() == [
        " customer_id  date number_of_cds  dollar_value",
        " 00001 20230102   1     0.05",
        " 00002 20230703 123  1234.56",
    ]


def test_payments_are_the_same_as_parquet_and_as_json_lines() -> None:
    (month,) = payment_months(PARAMETERS)
    rows = writers.card_transactions(month.payments)

    assert pl.read_parquet(io.BytesIO(writers.parquet(rows))).equals(rows)
    lines = writers.json_lines(rows).decode().splitlines()
    read = [json.loads(line) for line in lines]
    assert [tuple(row.values()) for row in read] == [
        (at.strftime("%Y-%m-%d %H:%M:%S"), *rest) for at, *rest in rows.iter_rows()
    ]


def test_market_prices_have_two_decimals() -> None:
    made = market(PARAMETERS)
    rows = writers.stocks(made, PARAMETERS.market.series)

    assert rows.height == made.close.size
    last = rows.row(-1, named=True)
    assert last["Ticker"] == PARAMETERS.market.series[-1]
    assert last["Date"] == made.days[-1].item()
    assert last["Close"] == f"{made.close[-1, -1] / 100:.2f}"
    assert last["year"] == last["Date"].year


def test_missing_indicators_are_null() -> None:
    made = indicators(PARAMETERS)
    rows = writers.gapminder(made)

    for name, missing in zip(rows.columns[2:], made.is_missing, strict=True):
        assert np.array_equal(rows[name].is_null().to_numpy(), missing.ravel())
    first = rows.row(0, named=True)
    assert first["country"] == made.countries[0]
    assert first["year"] == made.years[0]


def test_monthly_indicators_are_a_row_a_value() -> None:
    made = economy(PARAMETERS)
    names = [series.name for series in PARAMETERS.economy.series]
    rows = writers.monthly_indicators(made, names)

    assert rows.height == made.values.size
    of = {"indicator": "unemployment", "country": "Germany"}
    found = rows.filter(**of)
    assert found["value"].to_list() == made.values[2, 1].tolist()
    assert (str(found["month"][0]), str(found["month"][-1])) == ("2013-02-01", "2023-01-01")


def test_sales_have_four_decimals_and_signs() -> None:
    ((_, sales),) = sales_months(PARAMETERS)
    rows = writers.superstore(sales)

    assert np.allclose(rows["Sales"].cast(pl.Float64) * 10_000, sales.amount)
    assert np.allclose(rows["Profit"].cast(pl.Float64) * 10_000, sales.profit)
    assert rows["Profit"].str.contains(r"^-?\d+\.\d{4}$").all()
    assert (sales.profit < 0).any()


def test_times_are_written_to_the_second() -> None:
    rows = pl.DataFrame({"at": [datetime(2023, 1, 2, 3, 4, 5)]})

    assert writers.json_lines(rows) == b'{"at":"2023-01-02 03:04:05"}\n'
