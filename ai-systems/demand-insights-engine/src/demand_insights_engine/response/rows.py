"""From the weekly demand of a source to the rows of price responses."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan

import numpy as np
import polars as pl

from datalake.contracts.insights import PRICE_RESPONSES, InsightsTable
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import Panel, panels, together
from demand_insights_engine.response.elasticity import Response, estimate
from demand_insights_engine.response.prices import fill
from forecasting.matrix import Floats, last_known

MOST_WEEKS = 4
"""Without a sale for longer, the price is not known."""
_PRICES = ("price", "lowest_price", "highest_price")


def rows(history: History) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of PRICE_RESPONSES without versions: of products and groups with a response that can
    be estimated."""
    return {PRICE_RESPONSES: together(PRICE_RESPONSES, [_rows(one) for one in panels(history)])}


def _rows(panel: Panel) -> pl.DataFrame:
    """A product that is given away has no price in that week."""
    _, groups, products = panel.levels
    price = np.where(panel.price > 0, panel.price, np.nan)
    filled = fill(price, MOST_WEEKS)
    of_products, of_groups = estimate(panel.units[products], filled, panel.hierarchy.group)
    parts = [
        _responses(panel.names[groups], of_groups, np.full((len(of_groups), 3), nan)),
        _responses(panel.names[products], of_products, _seen(price)),
    ]
    return pl.concat(parts)


def _seen(price: Floats) -> Floats:
    """The latest, the lowest and the highest price (products, 3); nan without any."""
    known = ~np.isnan(price)
    lowest = np.where(known, price, np.inf).min(axis=1)
    highest = np.where(known, price, -np.inf).max(axis=1)
    seen = np.column_stack([last_known(price), lowest, highest])
    return np.where(known.any(axis=1, keepdims=True), seen, np.nan)


def _responses(names: pl.DataFrame, found: Sequence[Response], prices: Floats) -> pl.DataFrame:
    known = [at for at, one in enumerate(found) if one.standard_error > 0 and isfinite(one.p_value)]
    of_known = [found[at] for at in known]
    columns: dict[str, Sequence[float]] = {
        "elasticity": [one.elasticity for one in of_known],
        "standard_error": [one.standard_error for one in of_known],
        "lower": [one.interval()[0] for one in of_known],
        "upper": [one.interval()[1] for one in of_known],
        "p_value": [one.p_value for one in of_known],
        "is_significant": [one.is_significant() and one.elasticity < 0 for one in of_known],
        "products": [one.products for one in of_known],
        "weeks": [one.periods for one in of_known],
        **{name: prices[known, at].tolist() for at, name in enumerate(_PRICES)},
    }
    dtypes = PRICE_RESPONSES.schema
    return names[known].with_columns(
        pl.Series(name, values, dtype=dtypes[name]) for name, values in columns.items()
    )
