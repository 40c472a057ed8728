"""A new product from the starts of products like it, read for an answer.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

import numpy as np

from datalake.contracts.insights import PRODUCT_STARTS
from datalake.contracts.insights.demand import quantile_name
from datalake.contracts.insights.starts import START_WEEKS
from datalake.storage import ObjectStorage
from demand_insights_engine import likeness_charts
from demand_insights_engine.demand_stored import of_currency
from demand_insights_engine.insights import read
from demand_insights_engine.likeness import LEVELS, Known, first_weeks
from demand_insights_engine.likeness_schemas import FirstWeeks, LikeProduct, NewProduct

_WEEKS = [f"week_{week}" for week in range(1, START_WEEKS + 1)]


def new_product(
    storage: ObjectStorage, bucket: str, *, source: str, currency: str | None, asked: NewProduct
) -> FirstWeeks | None:
    """Its first weeks; None where no product has had them. Raises SeveralCurrenciesError."""
    starts = read(storage, bucket, PRODUCT_STARTS, source)
    if starts is None or (starts := of_currency(starts, currency)).is_empty():
        return None
    groups = starts["group"].unique().sort().to_list()
    early = starts.select(_WEEKS).to_numpy()
    known = Known(
        descriptions=starts["description"].fill_null("").to_list(),
        price=starts["price"].fill_null(np.nan).to_numpy(),
        group=np.array([groups.index(one) for one in starts["group"]]),
        early=early,
    )
    found = first_weeks(
        known,
        asked.description,
        np.nan if asked.price is None else asked.price,
        groups.index(asked.group) if asked.group in groups else -1,
    )
    mean = found.mean.tolist()
    first = starts.row(0, named=True)
    return FirstWeeks(
        source=source,
        **{name: first[name] for name in ("currency", "model_version", "data_version")},
        mean=mean,
        total_mean=sum(mean),
        total_quantiles={
            quantile_name(level): units
            for level, units in zip(LEVELS, found.quantiles.tolist(), strict=True)
        },
        products=starts.height,
        everyone_mean=float(early.sum(axis=1).mean()),
        like=[
            LikeProduct(
                **{name: starts[name][row] for name in ("name", "description", "price")},
                weight=weight,
                units=float(early[row].sum()),
            )
            for row, weight in found.like
        ],
        chart=likeness_charts.first_weeks(mean),
    )
