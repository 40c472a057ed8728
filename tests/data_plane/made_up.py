"""Made-up shops, payments, markets, countries: small, seeded, full of the cases that go wrong."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from data_plane.curated_objects import frame
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)

Tables = dict[str, pl.DataFrame]


def shop(seed: int = 1, orders: int = 400) -> list[Tables]:
    """Three objects that overlap: lines that two of them have, returns of another's orders, a
    month without any sale, two currencies, unknown customers, lines that are no goods."""
    chance = random.Random(seed)
    objects: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [([], []) for _ in range(3)]
    sold: list[dict[str, Any]] = []
    for number in range(orders):
        # November to February, without December; late in the evening too.
        start = chance.choice([datetime(2010, 11, 20), datetime(2011, 1, 1)])
        at = start + timedelta(minutes=chance.randrange(10 if number < 5 else 58 * 1440))
        if at.month == 12:
            continue
        customer = chance.choice([None, *map(str, range(12))])
        country = chance.choice(["United Kingdom", "France", "Élan"])
        for _ in range(chance.randrange(1, 5)):
            product = chance.choice("ABCDEFGP")
            line = {
                "order_id": f"{number:06d}",
                "product_id": product,
                "description": chance.choice([f"PRODUCT {product}", f"Product {product}", None]),
                "quantity": chance.choice([1, 2, 12, 1_000_000]),
                "unit_price": Decimal(chance.randrange(1, 99_999)) / 10_000,
                "currency": "EUR" if product == "B" and number % 2 else "GBP",
                "ordered_at": at.replace(tzinfo=UTC),
                "customer_id": customer,
                "country": country,
                "line_type": "postage" if product == "P" else "product",
                "is_outlier": chance.random() < 0.05,
            }
            sold.append(line)
            for index in {chance.randrange(3) for _ in range(2)}:
                # What one object flags another may not, and each fills in what it knows.
                own = {**line, "is_outlier": chance.random() < 0.05}
                if line["description"] is None:
                    own |= {"description": f"NAME {index}", "imputed_columns": "description"}
                objects[index][0].append(own)
    for number in range(orders // 4):
        line = chance.choice(sold)
        later = line["ordered_at"] + timedelta(minutes=chance.randrange(40 * 1440))
        at = min(later, datetime(2011, 2, 27, 23, 59, tzinfo=UTC))
        # In December too, where nothing was sold.
        names = ("product_id", "description", "unit_price", "currency", "customer_id", "country")
        credit = {
            **{name: line[name] for name in (*names, "line_type")},
            "order_id": f"C{number:05d}",
            "quantity": chance.choice([1, line["quantity"], 2 * line["quantity"]]),
            "ordered_at": at,
            "is_cancellation": chance.random() < 0.9,
        }
        for index in {chance.randrange(3) for _ in range(2)}:
            objects[index][1].append(credit)
    # Returned before the source knew it: its series begins with a return.
    objects[0][1].append(
        {
            **objects[0][1][0],
            "product_id": "Z",
            "customer_id": "old",
            "ordered_at": datetime(2010, 11, 20, tzinfo=UTC),
        }
    )
    return [
        {"orders": frame(ORDERS, lines), "returns": frame(RETURNS, returns)}
        for lines, returns in objects
    ]


def payments(seed: int = 1, count: int = 1_500) -> list[Tables]:
    """Two objects that overlap, over four months: fraud that only the later one knows, payments at
    no terminal, of no known label, at the same instant, exactly whole days apart."""
    chance = random.Random(seed)
    objects: list[list[dict[str, Any]]] = [[], []]
    for number in range(count):
        minutes = chance.randrange(110 * 24) * 60 if number % 2 else chance.randrange(110 * 1440)
        payment = {
            "transaction_id": None if number % 3 else f"t{number}",
            "customer_id": f"c{chance.randrange(20)}",
            "terminal_id": chance.choice([None, *(f"t{n}" for n in range(10))]),
            "transacted_at": datetime(2018, 1, 20, tzinfo=UTC) + timedelta(minutes=minutes),
            "amount": Decimal(chance.randrange(0, 999_999)) / 10_000,
            "currency": "USD" if number % 11 == 0 else "EUR",
            "quantity": chance.choice([None, 1, 3]),
            "is_fraud": chance.choice([None, False, False, True]),
        }
        indexes = {chance.randrange(2) for _ in range(2)}
        for index in indexes:
            known = payment["is_fraud"] if index or len(indexes) == 1 else None
            objects[index].append({**payment, "is_fraud": known})
    return [{"transactions": frame(TRANSACTIONS, rows)} for rows in objects]


def market(seed: int = 1) -> list[Tables]:
    """Two objects: daily series with gaps short and long, over the turn of a year, negative prices,
    revised values; a monthly series."""
    chance = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for name in ("AAA", "BBB", "OIL"):
        for number in range(120):
            day = date(2019, 11, 1) + timedelta(days=number)
            long_gap = name == "BBB" and 40 < number < 55
            if day.weekday() >= 5 or long_gap or chance.random() < 0.15:
                continue
            value = round(chance.uniform(-5 if name == "OIL" else 50, 100), 2)
            adjusted = None if name == "AAA" else round(value * 0.97, 4)
            rows.append(_observation(name, day, "daily", value, adjusted))
    rows += [
        _observation("CPI", date(2019 + n // 12, n % 12 + 1, 1), "monthly", 100 + n / 7, None)
        for n in range(20)
    ]
    first, second = rows[: len(rows) * 2 // 3], rows[len(rows) // 3 :]
    revised = [{**row, "value": row["value"] + 1} for row in second]
    return [{"market_series": frame(MARKET_SERIES, part)} for part in (first, revised)]


def countries(seed: int = 1) -> list[Tables]:
    """Two objects: years that only one of them has, revised figures, and unknown ones."""
    chance = random.Random(seed)
    rows = [
        {
            "country": country,
            "year": year,
            "population": chance.choice([None, chance.randrange(10**9)]),
            "life_expectancy": round(chance.uniform(30, 90), 1),
            "fertility": chance.choice([None, round(chance.uniform(1, 8), 2)]),
            "gdp_per_capita": None,
        }
        for country in ("Atlantis", "Élan", "Utopia")
        for year in range(1960, 2010)
    ]
    revised = [{**row, "life_expectancy": row["life_expectancy"] + 1} for row in rows[100:]]
    return [
        {"country_indicators": frame(COUNTRY_INDICATORS, part)} for part in (rows[:120], revised)
    ]


def _observation(
    name: str, day: date, frequency: str, value: float, adjusted: float | None
) -> dict[str, Any]:
    return {
        "series_id": name,
        "observed_on": day,
        "value": value,
        "open": None,
        "high": None,
        "low": None,
        "adjusted_value": adjusted,
        "volume": None,
        "unit": "USD",
        "frequency": frequency,
    }
