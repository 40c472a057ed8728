"""Advice on the stock of a product, computed when it is asked for.

It imports polars, so the API imports it only where it advises.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from datalake.contracts.insights.demand import quantile_name
from datalake.contracts.insights.stock import STOCK_LEVELS
from demand_insights_engine import stock_charts
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import MOST_WEEKS, Terms, policy, service
from demand_insights_engine.stock.protection import Floats, protection, samples
from demand_insights_engine.stock.rows import weekly
from demand_insights_engine.stock.simulation import normal_reorder_point
from demand_insights_engine.stock_schemas import Advice, LeadTimeShare, OrderTerms, SeriesAdvice
from demand_insights_engine.version import methods_version

UNTRIED = "the history is too short to try the quantiles on earlier weeks: they are not corrected"


class TooLongError(Exception):
    """An order would protect more weeks than quantiles are of; the message says which."""


def of_series(request: SeriesAdvice) -> Advice:
    """Advice on the demand of a request. Raises TooLongError."""
    units = np.array([[np.nan if value is None else value for value in request.values]])
    found = protection(units, MOST_WEEKS)
    mean, deviation = (float(one[0]) for one in weekly(units))
    terms = OrderTerms(**request.model_dump(exclude={"values"}))
    return Advice(
        model_version=methods_version(),
        **advice(found.quantiles[0], found.origins, mean, deviation, terms),
    )


def advice(
    quantiles: Floats, origins: tuple[int, ...], mean: float, deviation: float, asked: OrderTerms
) -> dict[str, Any]:
    """The fields of advice, from `quantiles` (weeks, levels) and the weekly demand's mean and
    deviation. Raises TooLongError."""
    lead_time = LeadTime.of(asked.lead_weeks, asked.lead_deviation)
    if lead_time.longest + asked.review > MOST_WEEKS:
        raise TooLongError(
            f"lead times of up to {lead_time.longest} weeks and a review of {asked.review} are "
            f"together above the {MOST_WEEKS} weeks that demand is known for"
        )
    terms = Terms(asked.service_level, asked.multiple, asked.minimum, asked.review)
    demand = samples(quantiles, lead_time, asked.review)
    found = policy(demand, terms)
    [textbook] = normal_reorder_point(np.array([mean]), np.array([deviation]), lead_time, terms)
    shown = np.quantile(demand, STOCK_LEVELS).tolist()
    by_name = {quantile_name(level): one for level, one in zip(STOCK_LEVELS, shown, strict=True)}
    is_tried = min(origins[: lead_time.longest + asked.review]) > 0
    return {
        "terms": asked,
        "reorder_point": int(found.reorder_point),
        "order_up_to": int(found.order_up_to),
        "expected_service": float(found.service),
        "order": None
        if asked.position is None
        else int(terms.order(np.array(asked.position), found.reorder_point)),
        "textbook_reorder_point": int(textbook),
        "textbook_service": float(service(np.ceil(demand), np.array(textbook), terms.batch)),
        "lead_times": [
            LeadTimeShare(weeks=weeks, probability=probability)
            for weeks, probability in zip(lead_time.periods, lead_time.probabilities, strict=True)
        ],
        "demand_mean": float(demand.mean()),
        "demand_quantiles": by_name,
        "warning": None if is_tried else UNTRIED,
        "chart": stock_charts.protection(
            by_name, int(found.order_up_to), int(textbook) + terms.batch
        ),
    }
