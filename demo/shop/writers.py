"""The rows of each topic in the format of the source that raw-to-curated declares for it.

Amounts are written from whole pence or cents, so that no rounding of floats reaches a file.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence

import numpy as np
import polars as pl

from shop import sales as sale
from shop.charges import CODES
from shop.customers import Cohort, Purchases
from shop.economy import Economy
from shop.indicators import Indicators
from shop.lines import Lines
from shop.market import Market
from shop.parameters import Parameters
from shop.payments import Payments
from shop.products import Products
from shop.sales import Sales
from shop.streams import Ints, Times

SECONDS = "%Y-%m-%d %H:%M:%S"
# A customer whose purchases are worth more on average, in pence, is a wholesaler.
WHOLESALE_VALUE = 40_000


def online_retail(lines: Lines, products: Products, countries: Sequence[str]) -> pl.DataFrame:
    """Invoice lines with the columns of online-retail, all texts, ready for dirt and `csv`."""
    codes = [*products.codes, *(code for code, _ in CODES)]
    names = [*products.descriptions, *(name for _, name in CODES)]
    letter = pl.Series(np.where(lines.is_credit, "C", ""), dtype=pl.String)
    return pl.DataFrame(
        {
            "InvoiceNo": letter + pl.Series(lines.number).cast(pl.String),
            "StockCode": _looked_up(codes, lines.product),
            "Description": _looked_up(names, lines.product),
            "Quantity": pl.Series(lines.quantity).cast(pl.String),
            "InvoiceDate": pl.Series(lines.at.astype("datetime64[ms]")).dt.strftime(SECONDS),
            "UnitPrice": _fixed(lines.price, 2),
            "CustomerID": pl.Series(lines.customer).cast(pl.String),
            "Country": _looked_up(countries, lines.country),
        }
    )


def csv(rows: pl.DataFrame, *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Delimited text with a header."""
    return rows.write_csv(separator=separator, datetime_format=SECONDS).encode(encoding)


def compressed(content: bytes) -> bytes:
    """With gzip, without the time of writing."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def customer_master(cohort: Cohort, countries: Sequence[str]) -> bytes:
    """Customers as JSON Lines; they register in the minute of their first purchase."""
    segments = np.where(cohort.value > WHOLESALE_VALUE, "wholesale", "retail")
    rows = pl.DataFrame(
        {
            "customer_id": pl.Series(cohort.customer).cast(pl.String),
            "country": _looked_up(countries, cohort.country),
            "segment": pl.Series(segments, dtype=pl.String),
            "registered_at": _utc(cohort.won).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    return _json_lines(rows)


def price_list(products: Products, groups: Sequence[str]) -> bytes:
    """The last list prices, as a German spreadsheet saves them: `;`, decimal comma, cp1252."""
    price = np.round(products.list_price * products.revision[:, -1]).astype(np.int64)
    rows = pl.DataFrame(
        {
            "Stock Code": products.codes,
            "Description": products.descriptions,
            "Category": _looked_up(groups, products.group),
            "List Price": _fixed(price, 2).str.replace(".", ",", literal=True),
        }
    )
    return csv(rows, separator=";", encoding="cp1252")


def cdnow(purchases: Purchases, first_customer: int) -> bytes:
    """Days and worth of purchases in columns aligned with blanks, customers counted from 00001.

    The quantity is the worth in tens of dollars, at least one.
    """
    rows = zip(
        (purchases.customer - first_customer + 1).tolist(),
        purchases.at.astype("datetime64[D]").tolist(),
        np.maximum(purchases.budget // 1_000, 1).tolist(),
        purchases.budget.tolist(),
        strict=True,
    )
    lines = [" customer_id  date number_of_cds  dollar_value"]
    lines += [
        f" {customer:05d} {day:%Y%m%d} {quantity:3d} {cents // 100:5d}.{cents % 100:02d}"
        for customer, day, quantity, cents in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def card_transactions(payments: Payments) -> pl.DataFrame:
    """Payments with the columns of the Fraud Detection Handbook's simulator, labels final."""
    return pl.DataFrame(
        {
            "TX_DATETIME": pl.Series(payments.at.astype("datetime64[ms]")),
            "CUSTOMER_ID": payments.card,
            "TERMINAL_ID": payments.terminal,
            "TX_AMOUNT": payments.amount,
            "TX_FRAUD": payments.is_fraud.astype(np.int8),
            "TX_FRAUD_SCENARIO": payments.scenario.astype(np.int8),
        }
    )


def parquet(rows: pl.DataFrame) -> bytes:
    """One Parquet file."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


def json_lines(rows: pl.DataFrame) -> bytes:
    """Times to the second, as texts."""
    return _json_lines(rows.with_columns(pl.col(pl.Datetime).dt.strftime(SECONDS)))


def stocks(market: Market, series: Sequence[str]) -> pl.DataFrame:
    """Daily prices, a row a series and day, with a `year` to write files by."""
    count = len(market.days)
    columns = {
        "Open": market.open,
        "High": market.high,
        "Low": market.low,
        "Close": market.close,
    }
    prices = {name: _fixed(values.T.ravel(), 2) for name, values in columns.items()}
    rows = pl.DataFrame(
        {
            "Ticker": pl.Series(np.repeat(np.array(series), count), dtype=pl.String),
            "Date": np.tile(market.days, len(series)),
            **prices,
            "Volume": market.volume.T.ravel(),
            # There are neither splits nor dividends.
            "Adj Close": prices["Close"],
        }
    )
    return rows.with_columns(pl.col("Date").dt.year().alias("year"))


def gapminder(indicators: Indicators) -> pl.DataFrame:
    """Indicators, a row a country and year; missing values are null."""
    countries, years = indicators.fertility.shape
    columns = {
        "fertility": indicators.fertility,
        "life_expectancy": indicators.life_expectancy,
        "population": indicators.population,
    }
    values = {name: pl.Series(column.ravel()) for name, column in columns.items()}
    missing = {
        name: pl.Series(f"{name} missing", mask.ravel())
        for name, mask in zip(columns, indicators.is_missing, strict=True)
    }
    rows = pl.DataFrame(
        {
            "country": pl.Series(np.repeat(np.array(indicators.countries), years), dtype=pl.String),
            "year": np.tile(indicators.years, countries),
            **values,
        }
    )
    return rows.with_columns(
        pl.when(~missing[name]).then(pl.col(name)).alias(name) for name in columns
    )


def monthly_indicators(economy: Economy, series: Sequence[str]) -> pl.DataFrame:
    """Monthly indicators, a row an indicator, country and month."""
    _, countries, months = economy.values.shape
    return pl.DataFrame(
        {
            "indicator": pl.Series(np.repeat(np.array(series), countries * months)),
            "country": pl.Series(np.tile(np.repeat(economy.countries, months), len(series))),
            "month": np.tile(economy.months.astype("datetime64[D]"), len(series) * countries),
            "value": economy.values.ravel(),
        }
    )


def superstore(sales: Sales) -> pl.DataFrame:
    """Sales lines with the columns of superstore."""
    categories, places = (
        list(zip(*sale.CATEGORIES, strict=True)),
        list(zip(*sale.PLACES, strict=True)),
    )
    return pl.DataFrame(
        {
            "Ship Mode": _looked_up(sale.SHIP_MODES, sales.ship_mode),
            "Segment": _looked_up(sale.SEGMENTS, sales.segment),
            "Country": pl.repeat("United States", len(sales.amount), eager=True),
            "City": _looked_up(places[0], sales.place),
            "State": _looked_up(places[1], sales.place),
            "Postal Code": _looked_up(places[3], sales.place),
            "Region": _looked_up(places[2], sales.place),
            "Category": _looked_up(categories[0], sales.category),
            "Sub-Category": _looked_up(categories[1], sales.category),
            "Sales": _fixed(sales.amount, 4),
            "Quantity": sales.quantity,
            "Discount": sales.discount,
            "Profit": _fixed(sales.profit, 4),
        }
    )


def countries_of(parameters: Parameters) -> list[str]:
    """The names that `country` of customers indexes."""
    return [name for name, _ in parameters.customers.countries]


def _json_lines(rows: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    rows.write_ndjson(buffer)
    return buffer.getvalue()


def _looked_up(names: Sequence[str], index: Ints) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(index)


def _utc(local: Times) -> pl.Series:
    """Times of the shop, which is in London."""
    times = pl.Series(local.astype("datetime64[ms]"))
    return times.dt.replace_time_zone("Europe/London").dt.convert_time_zone("UTC")


def _fixed(units: Ints, digits: int) -> pl.Series:
    """Whole smallest units as text with a decimal point."""
    whole, part = np.divmod(np.abs(units), 10**digits)
    sign = pl.Series(np.where(units < 0, "-", ""), dtype=pl.String)
    fraction = pl.Series(part).cast(pl.String).str.zfill(digits)
    return sign + pl.Series(whole).cast(pl.String) + "." + fraction
