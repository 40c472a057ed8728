"""What if the price were another: from the forecast and the response that the batch stored.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from datalake.contracts.insights import PRICE_RESPONSES
from datalake.storage import ObjectStorage
from demand_insights_engine import demand_stored, response_charts
from demand_insights_engine.insights import read
from demand_insights_engine.response.elasticity import Response
from demand_insights_engine.response_schemas import ChangedWeek, Factor, PriceResponse, WhatIf

UNVARIED = "No response to prices is known, as they did not vary: the forecast is the plain one."
INSIGNIFICANT = "No significant response to prices is known: the forecast is the plain one."
NO_PROMOTIONS = "The data does not tell of promotions, so a response may hold theirs too."
_KNOWN = ("source", "level", "name", "currency", "model_version", "data_version", "steps")


def what_if(
    storage: ObjectStorage,
    bucket: str,
    *,
    source: str,
    level: str,
    name: str,
    currency: str | None,
    price_ratio: float,
) -> WhatIf | None:
    """The forecast at another price; None where there is no forecast. Raises
    SeveralCurrenciesError."""
    plain = demand_stored.forecast(storage, bucket, source, level, name, currency)
    rows = read(storage, bucket, PRICE_RESPONSES, source)
    if plain is None or rows is None:
        return None
    row = rows.filter(
        pl.col("level") == level, pl.col("name") == name, pl.col("currency") == plain.currency
    ).to_dicts()
    response = (
        PriceResponse(**{column: row[0][column] for column in PriceResponse.model_fields})
        if row
        else None
    )
    factor, changed = None, []
    if response is not None and response.is_significant:
        estimate, lower, upper = Response(
            row[0]["elasticity"], row[0]["standard_error"], response.products, response.weeks
        ).factor(price_ratio)
        factor = Factor(estimate=estimate, lower=lower, upper=upper)
        changed = [
            ChangedWeek(
                week=step.week,
                mean=step.mean * estimate,
                lower=step.mean * lower,
                upper=step.mean * upper,
            )
            for step in plain.steps
            if step.week is not None
        ]
    return WhatIf(
        **{column: getattr(plain, column) for column in _KNOWN},
        price_ratio=price_ratio,
        response=response,
        factor=factor,
        notes=list(_notes(response, price_ratio)),
        changed=changed,
        chart=response_charts.what_if(name, plain.steps, changed),
    )


def _notes(response: PriceResponse | None, price_ratio: float) -> Iterator[str]:
    if response is None:
        yield UNVARIED
        return
    if not response.is_significant:
        yield INSIGNIFICANT
        return
    yield NO_PROMOTIONS
    price, lowest, highest = response.price, response.lowest_price, response.highest_price
    if price is None or lowest is None or highest is None:
        return
    asked = price * price_ratio
    if not lowest * (1 - 1e-9) <= asked <= highest * (1 + 1e-9):
        yield (
            f"The price would be {asked:.2f}; only {lowest:.2f} to {highest:.2f} were seen. Beyond "
            "them the response is a guess."
        )
