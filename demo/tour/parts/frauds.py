"""The cards to be investigated, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from rich.console import RenderableType

from datalake.contracts.insights import FRAUD_ALERTS, FRAUD_MONITORING
from fleet import console

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "Frauds found"
SOURCE = "card-transactions"
MOST = 3
REASONS = 2


def show(demo: Demo) -> Iterator[RenderableType]:
    """How many alerts there are, how right they were, and the reasons for the first ones."""
    platform = demo.platform
    yield from summary(platform.rows(FRAUD_MONITORING, SOURCE, "insights"))
    yield from alerts(platform.rows(FRAUD_ALERTS, SOURCE, "insights"))


def summary(weeks: pl.DataFrame) -> Iterator[RenderableType]:
    """The sums of `fraud_monitoring`, and the advice of its last week."""
    if weeks.is_empty():
        yield "No payment was scored."
        return
    names = ("payments", "alerts", "alerts_labelled", "alerts_confirmed")
    payments, found, labelled, confirmed = weeks.select(pl.col(names).sum()).row(0)
    text = f"{payments:,} payments scored, {found:,} alerts"
    if labelled:
        text += f"; of {labelled:,} with known labels {confirmed / labelled:.0%} were fraud"
    yield f"{text}."
    yield f"{weeks.sort('week', 'month')['advice'][-1]}"


def alerts(found: pl.DataFrame) -> Iterator[RenderableType]:
    """The first alerts of the last day in `fraud_alerts`, each with what speaks most for fraud."""
    if found.is_empty():
        return
    last = found.filter(pl.col("day") == pl.col("day").max()).sort("rank")
    yield f"The first of {last.height} cards to be investigated of {last['day'][0]}:"
    for row in last.head(MOST).iter_rows(named=True):
        place = f" at terminal {row['terminal_id']}" if row["terminal_id"] else ""
        probability = f"{row['probability']:.0%} ({row['lower']:.0%} to {row['upper']:.0%})"
        yield console.escape(
            f"  card {row['customer_id']}{place}: {row['amount']:,.2f} {row['currency']}, "
            f"fraud with a probability of {probability}"
        )
        reasons = [one for one in json.loads(row["reasons"]) if one["contribution"] > 0]
        for reason in reasons[:REASONS]:
            yield console.escape(f"    {reason['text']}")
