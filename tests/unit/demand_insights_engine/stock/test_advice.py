"""What to order, from a history."""

import numpy as np
import pytest

from demand_insights_engine.stock.advice import LEAST_HISTORY, advise, past_windows
from demand_insights_engine.stock.calibration import ORIGINS
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import Terms
from demand_insights_engine.stock.simulation import simulate

LEAD = LeadTime((1, 2, 3), (0.25, 0.5, 0.25))


def demand(mean=20, size=2, products=300, periods=80, seed=1):
    chance = np.random.default_rng(seed)
    return chance.negative_binomial(size, size / (size + mean), (products, periods)).astype(float)


def half(history, horizon):
    return past_windows(history, horizon) / 2


@pytest.mark.parametrize("forecaster", [past_windows, half])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_service_level_is_reached_whatever_the_bias_of_the_forecast(forecaster, level):
    history, terms = demand(), Terms(service_level=level)
    advice = advise(history[:, :50], forecaster, LEAD, terms)
    points = advice.policy.reorder_point
    found = simulate(demand(seed=2).astype(int), lambda _: points, terms, LEAD)
    assert found.service.mean() == pytest.approx(level, abs=0.03)
    assert advice.origins == ORIGINS


def test_the_future_changes_nothing():
    history = demand()
    changed = history.copy()
    changed[:, 50:] = 1e6
    for until in (30, 50):
        first, second = (
            advise(h[:, :until], past_windows, LEAD, Terms()) for h in (history, changed)
        )
        np.testing.assert_array_equal(first.policy.reorder_point, second.policy.reorder_point)


def test_what_is_forecast_is_known_by_then():
    """Every past forecast sees only the periods before its origin, and is tried on later ones."""
    seen = []

    def spy(history, horizon):
        seen.append(history.shape[1])
        return past_windows(history, horizon)

    advise(demand(periods=40), spy, LEAD, Terms())
    assert seen == [*range(40 - 4 - ORIGINS + 1, 40 - 4 + 1), 40]


@pytest.mark.parametrize("periods", [1, 3, LEAST_HISTORY])
def test_a_short_history_gives_uncorrected_advice(periods):
    advice = advise(demand(periods=periods), past_windows, LEAD, Terms())
    assert (advice.factor, advice.origins) == (1, 0)
    assert (advice.policy.order_up_to >= 0).all()


@pytest.mark.parametrize("history", [np.zeros((3, 40)), np.full((3, 40), np.nan)])
def test_what_nobody_buys_is_not_ordered(history):
    advice = advise(history, past_windows, LEAD, Terms())
    assert advice.policy.order_up_to.tolist() == [0, 0, 0]


def test_a_constant_demand_needs_its_sum():
    advice = advise(np.full((2, 40), 5.0), past_windows, LeadTime.fixed(2), Terms())
    assert advice.policy.order_up_to.tolist() == [15, 15]


@pytest.mark.parametrize(
    "history", [np.empty((2, 0)), np.full((2, 9), -1.0), np.full((2, 9), np.inf)]
)
def test_an_impossible_history_is_refused(history):
    with pytest.raises(ValueError, match="history"):
        advise(history, past_windows, LEAD, Terms())


def test_windows_by_hand():
    history = np.array([[1.0, 2, 3, 4], [np.nan, 6, np.nan, 2]])
    assert past_windows(history, 3).tolist() == [
        [[1, 2, 3], [2, 3, 4]],
        [[4, 6, 4], [6, 4, 2]],
    ]
    assert past_windows(history[:, :2], 3).tolist() == [
        [[1, 2, 1], [2, 1, 2]],
        [[6, 6, 6], [6, 6, 6]],
    ]
