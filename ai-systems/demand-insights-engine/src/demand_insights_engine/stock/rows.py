"""From the weekly demand of a source to the rows of stock advice."""

from __future__ import annotations

import numpy as np
import polars as pl

from datalake.contracts.insights import STOCK_ADVICE, STOCK_DEMAND, InsightsTable
from datalake.contracts.insights.demand import quantile_name
from datalake.contracts.insights.stock import STOCK_LEVELS
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import Panel, panels, together
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import MOST_WEEKS, Terms, policy
from demand_insights_engine.stock.protection import Protection, protection, samples
from demand_insights_engine.stock.simulation import normal_reorder_point
from forecasting.matrix import Floats, mean_known

LEAD_WEEKS = 2
"""Of the advice that the batch gives; routes take any other."""
TERMS = Terms()


def rows(history: History) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of STOCK_TABLES without versions."""
    demand, advice = [], []
    for panel in panels(history):
        units = panel.units[panel.levels[-1]]
        found = protection(units, MOST_WEEKS)
        demand.append(_demand(panel, found))
        advice.append(_advice(panel, units, found))
    return {
        STOCK_DEMAND: together(STOCK_DEMAND, demand),
        STOCK_ADVICE: together(STOCK_ADVICE, advice),
    }


def weekly(units: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the demand a week (products,), 0 where nothing is known."""
    mean = np.nan_to_num(mean_known(units))
    known = (~np.isnan(units)).sum(axis=1)
    spread = np.nan_to_num(mean_known((units - mean[:, None]) ** 2))
    return mean, np.sqrt(spread * known / np.maximum(known - 1, 1))


def _demand(panel: Panel, found: Protection) -> pl.DataFrame:
    names = panel.names[panel.levels[-1]].select("name", "currency")
    weeks = len(found.origins)
    columns = {
        quantile_name(level): found.quantiles[:, :, at].ravel()
        for at, level in enumerate(STOCK_LEVELS)
    }
    return names[np.repeat(np.arange(names.height), weeks)].with_columns(
        pl.Series("weeks", np.tile(np.arange(1, weeks + 1), names.height)),
        pl.Series("origins", list(found.origins) * names.height, dtype=pl.Int64),
        *(pl.Series(name, values) for name, values in columns.items()),
    )


def _advice(panel: Panel, units: Floats, found: Protection) -> pl.DataFrame:
    lead_time = LeadTime.fixed(LEAD_WEEKS)
    demand = samples(found.quantiles, lead_time, TERMS.review)
    advice = policy(demand, TERMS)
    mean, deviation = weekly(units)
    textbook = normal_reorder_point(mean, deviation, lead_time, TERMS)
    return (
        panel.names[panel.levels[-1]]
        .select("name", "currency")
        .with_columns(
            pl.lit(LEAD_WEEKS).alias("lead_weeks"),
            pl.lit(TERMS.service_level).alias("service_level"),
            pl.Series("reorder_point", advice.reorder_point),
            pl.Series("order_up_to", advice.order_up_to),
            pl.Series("service", advice.service),
            pl.Series("textbook_reorder_point", textbook),
            pl.Series("demand", demand.mean(axis=1)),
            pl.Series("mean", mean),
            pl.Series("deviation", deviation),
        )
    )
