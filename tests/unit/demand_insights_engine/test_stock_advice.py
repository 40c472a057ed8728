"""Advice computed when it is asked for."""

import numpy as np
import pytest

from datalake.contracts.insights.stock import STOCK_LEVELS
from demand_insights_engine.stock_advice import UNTRIED, TooLongError, advice
from demand_insights_engine.stock_schemas import OrderTerms

QUANTILES = np.linspace(10, 30, len(STOCK_LEVELS)) * np.arange(1, 4)[:, None]


@pytest.mark.parametrize(("origins", "warning"), [((8, 8, 8), None), ((8, 8, 0), UNTRIED)])
def test_untried_quantiles_are_said_to_be(origins, warning):
    assert advice(QUANTILES, origins, 20, 5, OrderTerms())["warning"] == warning


def test_both_rules_are_judged_by_the_same_demand():
    found = advice(QUANTILES, (8, 8, 8), 20, 3, OrderTerms())

    assert found["textbook_reorder_point"] < found["reorder_point"]
    assert found["textbook_service"] < found["expected_service"]


def test_a_time_that_is_too_long_is_named():
    with pytest.raises(TooLongError, match="up to 12 weeks and a review of 3"):
        advice(QUANTILES, (8, 8, 8), 20, 5, OrderTerms(lead_weeks=12, review=3))
