"""The factor for quantiles of demand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.stock.calibration import ratios, safety_factor


def test_ratios_are_of_what_is_known():
    assert ratios(np.array([2.0, np.nan, 12]), np.array([4.0, 2, 4])).tolist() == [0.5, 3.0]


def test_quantiles_of_nothing_count_as_one_unit():
    assert ratios(np.array([2.0, 0]), np.zeros(2)).tolist() == [2, 0]


def test_the_factor_is_the_quantile_of_the_ratios():
    # 100 of 101 positions: the sample correction asks for the 96th ratio, not the 95th.
    past = np.arange(1.0, 101)
    assert safety_factor(past, 0.95) == 96
    assert safety_factor(past, 0.5) == 51


def test_a_small_sample_gives_its_greatest_ratio():
    assert safety_factor(np.array([1.7, 0.5]), 0.999) == 1.7


def test_without_a_past_nothing_changes():
    assert safety_factor(np.empty(0), 0.95) == 1


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0.02, 0.98), st.floats(0.1, 9)
)
def test_the_share_of_the_level_stays_within_and_scales(values, level, scale):
    past = np.array(values)
    factor = safety_factor(past, level)
    assert (past <= factor).mean() >= level - 1e-9
    assert safety_factor(past * scale, level) == pytest.approx(factor * scale)
