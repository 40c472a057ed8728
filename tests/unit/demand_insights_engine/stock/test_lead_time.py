"""Demand over a lead time that varies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.stock.lead_time import LeadTime


def test_a_fixed_lead_time_does_not_vary():
    lead = LeadTime.fixed(3)
    assert (lead.mean, lead.variance, lead.longest) == (3, 0, 3)


def test_past_lead_times_are_counted():
    lead = LeadTime.observed([2, 5, 2, 3])
    assert lead == LeadTime((2, 3, 5), (0.5, 0.25, 0.25))
    assert lead.mean == 3
    assert lead.variance == pytest.approx(1.5)


@given(st.floats(0.5, 60), st.floats(0.3, 1))
def test_a_gamma_lead_time_has_its_mean_and_deviation(mean, relative):
    deviation = mean * relative
    lead = LeadTime.of(mean, deviation)
    # Rounding to whole periods and the tails left out move both a little.
    assert lead.mean == pytest.approx(mean, rel=0.02, abs=0.3)
    assert lead.variance**0.5 == pytest.approx(deviation, rel=0.06, abs=0.35)


@pytest.mark.parametrize(("mean", "expected"), [(0, 0), (2, 2), (2.4, 2), (30, 30)])
def test_a_lead_time_without_deviation_is_fixed(mean, expected):
    assert LeadTime.of(mean, 0) == LeadTime.fixed(expected)


@pytest.mark.parametrize(
    ("periods", "probabilities", "named"),
    [
        ((), (), "at least one"),
        ((1, 2), (1.0,), "at least one"),
        ((-1,), (1.0,), "ascending"),
        ((2, 1), (0.5, 0.5), "ascending"),
        ((1, 1), (0.5, 0.5), "ascending"),
        ((1, 2), (0.5, 0.6), "add up to 1"),
        ((1, 2), (1.5, -0.5), "add up to 1"),
        ((1,), (float("nan"),), "add up to 1"),
    ],
)
def test_an_impossible_lead_time_is_refused(periods, probabilities, named):
    with pytest.raises(ValueError, match=named):
        LeadTime(periods, probabilities)


@pytest.mark.parametrize(
    ("mean", "deviation"), [(-1, 0), (1, -1), (float("nan"), 0), (1, float("inf"))]
)
def test_a_lead_time_that_is_no_time_is_refused(mean, deviation):
    with pytest.raises(ValueError, match="finite and not negative"):
        LeadTime.of(mean, deviation)


def test_no_past_lead_times_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        LeadTime.observed([])


@pytest.mark.parametrize("count", [4, 100, 1_000])
def test_each_lead_time_has_its_share(count):
    found = LeadTime((1, 2, 3), (0.25, 0.5, 0.25)).spread(count)
    assert [int((found == lead).sum()) for lead in (1, 2, 3)] == [
        count // 4,
        count // 2,
        count // 4,
    ]
