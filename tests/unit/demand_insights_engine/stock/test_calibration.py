"""The factor for forecasts of demand over the lead time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.stock.calibration import Ratios, ratios, safety_factor
from demand_insights_engine.stock.lead_time import LeadTime

HISTORY = np.array([[5.0, 5, 2, 4, 6], [1, 1, 0, np.nan, 1]])


def test_ratios_are_of_each_lead_time_with_its_probability():
    lead = LeadTime((0, 2), (0.25, 0.75))
    found = ratios(HISTORY, 2, np.array([4.0, 2]), lead, review=1)
    # Demand over 1 and 3 periods: 2 and 12; of the second product 0 and unknown.
    assert found.ratio.tolist() == [0.5, 3.0, 0.0]
    assert found.weight.tolist() == [0.25, 0.75, 0.25]


def test_forecasts_of_nothing_count_as_one_unit():
    found = ratios(HISTORY, 2, np.zeros(2), LeadTime.fixed(0))
    assert found.ratio.tolist() == [2, 0]


@pytest.mark.parametrize("origin", [-1, 4, 9])
def test_demand_that_has_not_passed_is_refused(origin):
    with pytest.raises(ValueError, match="is needed; 5 are known"):
        ratios(HISTORY, origin, np.ones(2), LeadTime.fixed(1))


def test_the_factor_is_the_quantile_of_the_ratios():
    # 100 of 101 positions: the sample correction asks for the 96th ratio, not the 95th.
    past = [Ratios(np.arange(1.0, 101), np.ones(100))]
    assert safety_factor(past, 0.95) == 96
    assert safety_factor(past, 0.5) == 51


def test_a_small_sample_gives_its_greatest_ratio():
    assert safety_factor([Ratios(np.array([0.5, 1.7]), np.ones(2))], 0.999) == 1.7


def test_lead_times_weigh_by_their_probability():
    ratio = np.repeat([1.0, 2.0], 500)
    weight = np.repeat([0.9, 0.1], 500)
    assert safety_factor([Ratios(ratio, weight)], 0.85) == 1
    assert safety_factor([Ratios(ratio, weight)], 0.95) == 2


@pytest.mark.parametrize("past", [[], [Ratios(np.empty(0), np.empty(0))]])
def test_without_a_past_nothing_changes(past):
    assert safety_factor(past, 0.95) == 1


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0.02, 0.98), st.floats(0.1, 9)
)
def test_the_share_of_the_level_stays_within_and_scales(values, level, scale):
    past = Ratios(np.array(values), np.ones(len(values)))
    factor = safety_factor([past], level)
    assert (past.ratio <= factor).mean() >= min(level, 1) - 1e-9
    scaled = safety_factor([Ratios(past.ratio * scale, past.weight)], level)
    assert scaled == pytest.approx(factor * scale)


def test_a_forecast_that_is_too_low_by_half_is_doubled():
    chance = np.random.default_rng(2)
    history = chance.poisson(200, (400, 30)).astype(float)
    low = np.full(400, 100 * 3.0)
    past = [ratios(history, origin, low, LeadTime.fixed(2)) for origin in range(10, 18)]
    assert safety_factor(past, 0.5) == pytest.approx(2, rel=0.02)
