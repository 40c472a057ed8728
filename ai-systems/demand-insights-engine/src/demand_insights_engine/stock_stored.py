"""Advice from the demand that the batch knows.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import STOCK_ADVICE, STOCK_DEMAND
from datalake.contracts.insights.demand import quantile_name
from datalake.contracts.insights.stock import STOCK_LEVELS
from datalake.storage import ObjectStorage
from demand_insights_engine.demand_stored import of_currency
from demand_insights_engine.insights import read
from demand_insights_engine.stock_advice import advice
from demand_insights_engine.stock_schemas import OrderTerms, StoredAdvice


def of_product(
    storage: ObjectStorage,
    bucket: str,
    *,
    source: str,
    name: str,
    currency: str | None,
    terms: OrderTerms,
) -> StoredAdvice | None:
    """Advice on a product; None where the batch does not know it. Raises SeveralCurrenciesError,
    and TooLongError where quantiles do not reach far enough."""
    facts = read(storage, bucket, STOCK_ADVICE, source)
    demand = read(storage, bucket, STOCK_DEMAND, source)
    if facts is None or demand is None:
        return None
    facts = of_currency(facts.filter(pl.col("name") == name), currency)
    if facts.is_empty():
        return None
    row = facts.row(0, named=True)
    weeks = demand.filter(name=name, currency=row["currency"]).sort("weeks")
    quantiles = weeks.select(quantile_name(level) for level in STOCK_LEVELS).to_numpy()
    known = ("name", "currency", "model_version", "data_version")
    return StoredAdvice(
        source=source,
        **{column: row[column] for column in known},
        **advice(quantiles, tuple(weeks["origins"]), row["mean"], row["deviation"], terms),
    )
