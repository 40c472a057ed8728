"""Contracts of the curated tables, each once.

The partitions are `source` and `object`: the files of a table are those of one raw object.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from datalake.contracts import FRACTION, MONEY, TIMESTAMP, Column, Table

# The first shop systems with time stamps in such exports date from the 1990s; a later year than
# 2099 is a typing error (20111 for 2011) or a placeholder (9999-12-31).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
# The longest published market series begin in the 19th century.
EARLIEST_DAY = date(1800, 1, 1)
LATEST_DAY = date(2099, 12, 31)

# Far above any invoice line or payment known, and low enough for sums: Decimal(38, 4), in which
# products add up MONEY, holds 10^25 such amounts, or 10^16 products of quantity and price.
MAX_MONEY = Decimal(1_000_000_000)
# An Int64 holds the sum of nine billion such quantities.
MAX_QUANTITY = 1_000_000_000
# A thousand times the units of the busiest coins and penny stocks on their busiest day would be
# 10^17; an Int64 holds the sum of 92,000 of these, more than the days of 250 years.
MAX_VOLUME = 10**14
# Prices in the smallest currencies, and of coins in the largest, lie in between; a ratio of two is
# at most 10^24, a sum of 10^296 of them finite.
MAX_PRICE, LEAST_PRICE = 1e12, 1e-12
# Below what any indicator is measured to; a ratio of two stays finite.
LEAST_INDICATOR = 1e-9

LINE_TYPES = ("product", "postage", "fee", "discount", "adjustment", "test", "other")

_LINE_NUMBER = Column(
    "line_number",
    pl.Int64(),
    "Where the row begins in the raw object, ascending: in text its line (a header is line 1), in "
    "Excel its row, in Parquet its row counted from 1. In an object that was split: the offset of "
    "its part, which the report lists, plus the line within the part",
    unit="1-based line",
    minimum=1,
)
_CURRENCY = Column(
    "currency", pl.String(), "Currency of the amounts", unit="ISO 4217", pattern="[A-Z]{3}"
)
_COUNTRY = Column("country", pl.String(), "Country name as the source wrote it")

_INVOICE_LINE = (
    Column("product_id", pl.String(), "Stock code; also codes of postage, fees and samples"),
    Column("description", pl.String(), "Product name as on the invoice", nullable=True),
    Column(
        "quantity",
        pl.Int64(),
        "Units on the line, always positive",
        unit="pieces",
        minimum=1,
        maximum=MAX_QUANTITY,
    ),
    Column(
        "unit_price",
        MONEY,
        "Price of one unit",
        unit="major unit of `currency`",
        above=Decimal(0),
        maximum=MAX_MONEY,
    ),
    _CURRENCY,
    Column(
        "ordered_at",
        TIMESTAMP,
        "When the invoice or credit note was written",
        unit="UTC, μs",
        minimum=EARLIEST,
        maximum=LATEST,
    ),
    Column("customer_id", pl.String(), "Customer; null for an unknown one", nullable=True),
    _COUNTRY,
)
_LINE_TYPE = Column(
    "line_type",
    pl.String(),
    "What the line is, by its product code; only `product` is goods at a price",
    allowed=LINE_TYPES,
    default="product",
)

ORDERS = Table(
    name="orders",
    version="1.1",
    description="Invoice lines: goods sold, one product of one invoice a row.",
    columns=(
        Column("order_id", pl.String(), "Invoice number"),
        _LINE_NUMBER,
        *_INVOICE_LINE,
        _LINE_TYPE,
        Column(
            "is_outlier",
            pl.Boolean(),
            "Price or quantity is implausible for this product; the row is kept as it came",
            default=False,
        ),
        Column(
            "outlier_score",
            pl.Float64(),
            "How implausible, the greater the more; rows compare within one object only",
            minimum=0.0,
            default=0.0,
        ),
        Column(
            "near_duplicate_of",
            pl.Int64(),
            "`line_number` of an earlier row that this one repeats in all but spelling, or null",
            nullable=True,
            minimum=1,
        ),
        Column(
            "imputed_columns",
            pl.String(),
            "Names of the columns whose value was not in the raw object but filled in, separated "
            "by commas; empty for none",
            pattern="[a-z_]*(?:,[a-z_]+)*",
            default="",
        ),
    ),
    key=("line_number",),
)

RETURNS = Table(
    name="returns",
    version="1.1",
    description="Credit note lines: goods taken back, with the quantity as a positive number.",
    columns=(
        Column("order_id", pl.String(), "Number of the credit note, not of the order it cancels"),
        _LINE_NUMBER,
        *_INVOICE_LINE,
        Column(
            "is_cancellation",
            pl.Boolean(),
            "True for a credit note; false for an ordinary invoice with a negative quantity",
        ),
        _LINE_TYPE,
        Column(
            "matched_order_id",
            pl.String(),
            "`order_id` of the order line of the same object that this row takes back; null where "
            "the object has none",
            nullable=True,
        ),
        Column(
            "matched_line_number",
            pl.Int64(),
            "`line_number` of that order line",
            nullable=True,
            minimum=1,
        ),
    ),
    key=("line_number",),
)

SALES = Table(
    name="sales",
    version="1.1",
    description=(
        "Sales lines of sources that give neither order number, customer, product code nor date."
    ),
    columns=(
        _LINE_NUMBER,
        Column("category", pl.String(), "Product category"),
        Column("subcategory", pl.String(), "Product subcategory"),
        Column("quantity", pl.Int64(), "Units sold", "pieces", minimum=1, maximum=MAX_QUANTITY),
        Column(
            "sales_amount",
            MONEY,
            "Amount of the whole line after discount",
            unit="major unit of `currency`",
            above=Decimal(0),
            maximum=MAX_MONEY,
        ),
        Column(
            "discount",
            FRACTION,
            "Discount that `sales_amount` contains",
            unit="fraction of the list price",
            minimum=Decimal(0),
            maximum=Decimal(1),
        ),
        Column(
            "profit",
            MONEY,
            "Profit of the line; negative for a loss",
            unit="as sales_amount",
            minimum=-MAX_MONEY,
            maximum=MAX_MONEY,
        ),
        _CURRENCY,
        Column("segment", pl.String(), "Customer segment"),
        Column("ship_mode", pl.String(), "Shipping class"),
        _COUNTRY,
        Column("region", pl.String(), "Sales region"),
        Column("state", pl.String(), "State or province"),
        Column("city", pl.String(), "City"),
        Column(
            "postal_code",
            pl.String(),
            "Postal code with leading zeros",
            nullable=True,
            is_code=True,
        ),
    ),
    key=("line_number",),
)

CUSTOMERS = Table(
    name="customers",
    version="1.0",
    description="Customer master data, as the shop's customer system gives it.",
    columns=(
        Column("customer_id", pl.String(), "Customer, as in orders and transactions"),
        _LINE_NUMBER,
        Column("country", pl.String(), "Country name as the source wrote it", nullable=True),
        Column("segment", pl.String(), "Customer segment", nullable=True),
        Column(
            "registered_at",
            TIMESTAMP,
            "When the account was opened",
            unit="UTC, μs",
            nullable=True,
            minimum=EARLIEST,
            maximum=LATEST,
        ),
    ),
    key=("line_number",),
)

PRODUCTS = Table(
    name="products",
    version="1.0",
    description="Product master data: the price list.",
    columns=(
        Column("product_id", pl.String(), "Stock code, as in orders"),
        _LINE_NUMBER,
        Column("description", pl.String(), "Product name", nullable=True),
        Column("category", pl.String(), "Product category", nullable=True),
        Column(
            "list_price",
            MONEY,
            "Price of one unit before any discount",
            unit="major unit of `currency`",
            nullable=True,
            above=Decimal(0),
            maximum=MAX_MONEY,
        ),
        _CURRENCY,
    ),
    key=("line_number",),
)

TRANSACTIONS = Table(
    name="transactions",
    version="1.0",
    description="Payments: one payment of one customer a row.",
    columns=(
        Column(
            "transaction_id",
            pl.String(),
            "Number of the payment; null where the source gives none",
            nullable=True,
        ),
        _LINE_NUMBER,
        Column("customer_id", pl.String(), "Customer, or the holder of the card"),
        Column(
            "terminal_id",
            pl.String(),
            "Point of sale; null where the source gives none",
            nullable=True,
        ),
        Column(
            "transacted_at",
            TIMESTAMP,
            "When it was paid; midnight where the source gives a day only",
            unit="UTC, μs",
            minimum=EARLIEST,
            maximum=LATEST,
        ),
        Column(
            "amount",
            MONEY,
            "Amount paid; zero for goods given away",
            unit="major unit of `currency`",
            minimum=Decimal(0),
            maximum=MAX_MONEY,
        ),
        _CURRENCY,
        Column(
            "quantity",
            pl.Int64(),
            "Units paid for; null where the source gives none",
            unit="pieces",
            nullable=True,
            minimum=1,
            maximum=MAX_QUANTITY,
        ),
        Column(
            "is_fraud",
            pl.Boolean(),
            "Label, known only after an investigation; null where the source has none",
            nullable=True,
        ),
    ),
    key=("line_number",),
)


def _price(name: str, description: str, *, nullable: bool = True) -> Column:
    return Column(
        name,
        pl.Float64(),
        description,
        unit="`unit`",
        nullable=nullable,
        minimum=-MAX_PRICE,
        maximum=MAX_PRICE,
        least=LEAST_PRICE,
    )


MARKET_SERIES = Table(
    name="market_series",
    version="1.1",
    description="Observations of market series: one series on one day a row.",
    columns=(
        Column("series_id", pl.String(), "Name of the series: a ticker, an index, a commodity"),
        _LINE_NUMBER,
        Column(
            "observed_on",
            pl.Date(),
            "Day, week or month of the observation: its day, for longer periods the first one",
            unit="calendar day of the market",
            minimum=EARLIEST_DAY,
            maximum=LATEST_DAY,
        ),
        _price("value", "Value of the day; for a traded one the closing price", nullable=False),
        _price("open", "Opening price"),
        _price("high", "Highest price"),
        _price("low", "Lowest price"),
        _price("adjusted_value", "Closing price adjusted for splits and dividends"),
        Column(
            "volume",
            pl.Int64(),
            "Units traded",
            unit="pieces",
            nullable=True,
            minimum=0,
            maximum=MAX_VOLUME,
        ),
        Column("unit", pl.String(), "Unit of the values: an ISO 4217 currency or `index`"),
        Column(
            "frequency",
            pl.String(),
            "How often there is an observation",
            allowed=("daily", "weekly", "monthly", "quarterly", "yearly"),
        ),
    ),
    key=("line_number",),
)

COUNTRY_INDICATORS = Table(
    name="country_indicators",
    version="1.1",
    description="Indicators of countries: one country in one year a row.",
    columns=(
        Column("country", pl.String(), "Country name as the source wrote it"),
        _LINE_NUMBER,
        Column("year", pl.Int64(), "Calendar year", unit="year", minimum=1800, maximum=2099),
        Column(
            "population",
            pl.Int64(),
            "Inhabitants",
            unit="persons",
            nullable=True,
            minimum=0,
            maximum=100_000_000_000,
        ),
        Column(
            "life_expectancy",
            pl.Float64(),
            "Life expectancy at birth",
            unit="years",
            nullable=True,
            minimum=0.0,
            maximum=150.0,
            least=LEAST_INDICATOR,
        ),
        Column(
            "fertility",
            pl.Float64(),
            "Total fertility rate",
            unit="children per woman",
            nullable=True,
            minimum=0.0,
            maximum=20.0,
            least=LEAST_INDICATOR,
        ),
        Column(
            "gdp_per_capita",
            pl.Float64(),
            "Gross domestic product per inhabitant, adjusted for purchasing power",
            unit="international dollars of the source's base year",
            nullable=True,
            minimum=0.0,
            maximum=10_000_000.0,
            least=LEAST_INDICATOR,
        ),
    ),
    key=("line_number",),
)

QUARANTINE = Table(
    name="quarantine",
    version="1.0",
    description="Rows that could not be used, whole as they were received, each with its reasons.",
    columns=(
        Column("object_key", pl.String(), "Key of the raw object"),
        _LINE_NUMBER,
        Column("reasons", pl.List(pl.String()), "Reason codes, machine-readable"),
        Column("explanations", pl.List(pl.String()), "One sentence for each reason"),
        Column("raw_text", pl.String(), "The row as in the raw object, decoded"),
    ),
    key=("line_number",),
)

CURATED_TABLES = (
    ORDERS,
    RETURNS,
    SALES,
    CUSTOMERS,
    PRODUCTS,
    TRANSACTIONS,
    MARKET_SERIES,
    COUNTRY_INDICATORS,
    QUARANTINE,
)
