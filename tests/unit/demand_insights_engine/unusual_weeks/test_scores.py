"""The scores of demand-insights-engine."""

from math import expm1, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.unusual_weeks.scores import (
    MIN_WEEKS,
    Parameters,
    assess,
    location_and_scale,
)

PARAMETERS = Parameters(scale_floor=0.1, threshold=3.5)
USUAL = [41, 38, 45, 40, 39, 44, 42, 37, 43, 40, 46, 38]


@pytest.mark.parametrize("units", [0, 5, 210])
def test_a_jump_is_unusual_and_its_neighbours_are_not(units):
    found = assess([*USUAL, units], PARAMETERS)

    assert [week.is_unusual for week in found] == [False] * len(USUAL) + [True]
    assert (found[-1].score > 0) == (units > 40)


def test_several_jumps_do_not_hide_each_other():
    found = assess([*USUAL, 210, 190, 220], PARAMETERS)

    assert [week.is_unusual for week in found[-3:]] == [True] * 3


def test_small_changes_of_a_constant_series_are_usual():
    assert not any(week.is_unusual for week in assess([40] * 10 + [41], PARAMETERS))


def test_location_and_scale_are_those_of_a_worked_example():
    center, scale = location_and_scale([1, 2, 3, 4, 5, 6, 7, 100])

    assert (center, scale) == (4.5, pytest.approx(1.4826 * 2))


def test_too_few_weeks_are_refused():
    with pytest.raises(ValueError, match=f"{MIN_WEEKS - 1} weeks"):
        assess([1] * (MIN_WEEKS - 1), PARAMETERS)


@given(st.lists(st.floats(0, 1e9), min_size=MIN_WEEKS, max_size=60))
def test_a_week_is_unusual_outside_of_its_bounds_only(units):
    for value, week in zip(units, assess(units, PARAMETERS), strict=True):
        assert 0 <= week.lower <= week.expected <= week.upper
        if not week.is_unusual:
            reach = 1e-9 * (1 + abs(log1p(value)))
            assert expm1(log1p(week.lower) - reach) <= value <= expm1(log1p(week.upper) + reach)
