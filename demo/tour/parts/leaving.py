"""The customers who are about to leave, and what the shop may lose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from rich.console import RenderableType

from datalake.contracts.insights import CUSTOMER_CARDS
from fleet import console
from tour.parts.answers import SOURCE

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "Customers about to leave"
LIKELY = 0.5
MOST = 3


def show(demo: Demo) -> Iterator[RenderableType]:
    """How many are more likely to leave than to stay, and those with the most to lose."""
    yield from leaving(demo.platform.rows(CUSTOMER_CARDS, SOURCE, "insights"))


def leaving(cards: pl.DataFrame) -> Iterator[RenderableType]:
    """The first rows of `customer_cards` by the probability to leave times the expected spend."""
    assessed = cards.filter(pl.col("p_leaves").is_not_null())
    if assessed.is_empty():
        reasons = cards["warnings"].explode().drop_nulls().mode().sort().to_list()
        yield f"Too little is known to tell{''.join(f': {one}' for one in reasons[:1])}."
        return
    likely = assessed.filter(pl.col("p_leaves") >= LIKELY)
    days = assessed["horizon_days"][0]
    yield (
        f"{likely.height:,} of {assessed.height:,} customers will more likely than not buy nothing "
        f"in the {days} days from {assessed['as_of'][0]}."
    )
    at_risk = pl.col("p_leaves") * pl.col("spend")
    first = likely.filter(pl.col("spend").is_not_null()).sort(
        at_risk, "customer_id", descending=[True, False]
    )
    for row in first.head(MOST).iter_rows(named=True):
        yield console.escape(
            f"  {row['customer_id']} ({row['segment']}): {_days(row['purchase_days'])} with a "
            f"purchase, the last on {row['last_day']}; leaves with a probability of "
            f"{row['p_leaves']:.0%} ({row['p_leaves_lower']:.0%} to {row['p_leaves_upper']:.0%}), "
            f"else spends {row['spend']:,.0f} {row['currency']}"
        )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
