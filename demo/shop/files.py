"""The raw files of a shop: what its systems deliver, each under its key in the raw bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from shop import writers
from shop.customers import FIRST_CUSTOMER
from shop.dirt import Dirty, soil
from shop.generate import Block, Shop, ShopMonth
from shop.indicators import indicators
from shop.market import market
from shop.parameters import Parameters
from shop.payments import payment_months
from shop.sales import sales_months
from shop.streams import stream

COHORT_MONTHS = 3
"""CDNOW follows the customers of the first months only."""
COHORT_CUSTOMERS = 99_999
"""Its numbers of customers have five digits."""


@dataclass(frozen=True)
class RawFile:
    """A file for the raw bucket; of order lines with the labels of their dirt, see `dirt.Dirty`."""

    key: str
    content: bytes
    dirt: pl.DataFrame = field(default_factory=pl.DataFrame)


def files(parameters: Parameters) -> Iterator[RawFile]:
    """The files of every source, month by month, one in memory at a time."""
    shop = Shop(parameters)
    groups = [group.name for group in parameters.products.groups]
    yield RawFile("price-list/prices.csv", writers.price_list(shop.products, groups))
    yield from _yearly(parameters)
    customers = 0
    for opened in shop.months():
        if opened.month.index < COHORT_MONTHS:
            customers = min(customers + len(opened.activity.cohort.customer), COHORT_CUSTOMERS)
        yield from _shop_month(shop, opened, customers)
    for month, sales in sales_months(parameters):
        # Copies of Superstore circulate in both encodings.
        encoding = "utf-8" if month.index % 2 else "cp1252"
        content = writers.csv(writers.superstore(sales), encoding=encoding)
        yield RawFile(f"superstore/{month.name}.csv.gz", writers.compressed(content))
    for paid in payment_months(parameters):
        rows = writers.card_transactions(paid.payments)
        name = f"card-transactions/{paid.month.name}"
        # The first month is from before the export became Parquet.
        if paid.month.index == 0:
            yield RawFile(f"{name}.jsonl", writers.json_lines(rows))
        else:
            yield RawFile(f"{name}.parquet", writers.parquet(rows))


def _shop_month(shop: Shop, month: ShopMonth, cohort: int) -> Iterator[RawFile]:
    countries = writers.countries_of(shop.parameters)
    name = month.month.name
    won = writers.customer_master(month.activity.cohort, countries)
    if won:
        yield RawFile(f"customer-master/{name}.jsonl", won)
    for block in month.blocks:
        yield order_file(shop, month, block)
    purchases = month.activity.purchases
    followed = purchases[np.flatnonzero(purchases.customer < FIRST_CUSTOMER + cohort)]
    yield RawFile(f"cdnow/{name}.txt", writers.cdnow(followed, FIRST_CUSTOMER))


def order_lines(shop: Shop, month: ShopMonth, block: Block) -> Dirty:
    """A block of invoice lines as texts, with its dirt."""
    parameters = shop.parameters
    clean = writers.online_retail(block.lines, shop.products, writers.countries_of(parameters))
    chance = stream(parameters.seed, "dirt", month.month.index, block.part)
    return soil(clean, parameters.dirt, chance)


def order_file(shop: Shop, month: ShopMonth, block: Block) -> RawFile:
    """The same as a file."""
    dirty = order_lines(shop, month, block)
    part = f"-part-{block.part + 1}" if block.part else ""
    key = f"online-retail/{month.month.name}{part}.csv"
    return RawFile(key, writers.csv(dirty.rows), dirty.labels)


def _yearly(parameters: Parameters) -> Iterator[RawFile]:
    prices = writers.stocks(market(parameters), parameters.market.series)
    for (year,), rows in prices.partition_by("year", as_dict=True, include_key=False).items():
        yield RawFile(f"stocks/{year}.csv", writers.csv(rows))
    content = writers.csv(writers.gapminder(indicators(parameters)))
    yield RawFile("gapminder/indicators.csv", content)
