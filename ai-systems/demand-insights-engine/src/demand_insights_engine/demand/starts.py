"""The first weeks of products, from the weekly demand of a source."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from datalake.contracts.insights import PRODUCT_STARTS, InsightsTable
from datalake.contracts.insights.starts import START_WEEKS
from demand_insights_engine.demand.groups import group_of
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import together
from forecasting.matrix import mean_known

NAME_COLUMNS = ("product_id", "currency", "last_day", "description")
"""Those of product_months that descriptions are read from."""
Descriptions = Mapping[tuple[str, str], str | None]
"""Names of products, by code and currency."""


def descriptions(rows: pl.DataFrame) -> Descriptions:
    """The latest ones in rows of product_months."""
    latest = rows.sort("last_day").group_by("product_id", "currency", maintain_order=True).last()
    return {(product, currency): text for product, currency, text in latest.select(
        "product_id", "currency", "description"
    ).rows()}  # fmt: skip


def rows(history: History, names: Descriptions) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of PRODUCT_STARTS without versions.

    Products of the first week are left out: when they began is not known.
    """
    starts = []
    for at, (product, currency) in enumerate(history.products):
        first = int((~np.isnan(history.units[at])).argmax())
        weeks = slice(first, first + START_WEEKS)
        early = history.units[at, weeks]
        if first == 0 or early.size < START_WEEKS or np.isnan(early).any():
            continue
        starts.append(
            {
                "name": product,
                "currency": currency,
                "group": group_of(product),
                "description": names.get((product, currency)),
                "price": float(mean_known(history.price[[at], weeks])[0]),
                **{f"week_{week}": units for week, units in enumerate(early.tolist(), start=1)},
            }
        )
    return {PRODUCT_STARTS: together(PRODUCT_STARTS, [PRODUCT_STARTS.frame(starts)])}
