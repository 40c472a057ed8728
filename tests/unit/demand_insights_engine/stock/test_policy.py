"""Reorder points and order-up-to levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.stock.policy import MOST_UNITS, Policy, Terms, policy, service

UNIFORM = np.arange(1.0, 101)  # each demand from 1 to 100 once


@pytest.mark.parametrize(
    ("level", "order_up_to"), [(0.5, 50), (0.95, 95), (0.99, 99), (0.999, 100)]
)
def test_without_multiples_the_level_is_the_quantile(level, order_up_to):
    found = policy(UNIFORM, Terms(service_level=level))
    assert found.order_up_to == order_up_to
    assert found.reorder_point == order_up_to - 1


def test_multiples_lower_the_reorder_point():
    """Positions are uniform from s + 1 to s + 10: with s = 90 they meet 91 to 100 % of demands,
    95.5 % on average; with s = 89 it is 94.5 %."""
    found = policy(UNIFORM, Terms(service_level=0.95, multiple=10))
    assert (found.reorder_point, found.order_up_to) == (90, 100)
    assert found.service == pytest.approx(0.955)


def test_a_minimum_counts_in_whole_multiples():
    assert Terms(multiple=12, minimum=13).batch == 24
    assert Terms(multiple=12, minimum=12).batch == 12
    assert Terms(minimum=5).batch == 5


@pytest.mark.parametrize(
    ("position", "ordered"), [(31, 0), (30, 24), (29, 24), (7, 24), (6, 36), (-100, 132)]
)
def test_an_order_lifts_the_position_above_the_reorder_point(position, ordered):
    terms = Terms(multiple=12, minimum=13)
    assert terms.order(np.array(position), np.array(30)) == ordered


@given(st.integers(1, 50), st.integers(1, 200), st.integers(-500, 500), st.integers(-1, 400))
def test_orders_obey_their_terms(multiple, minimum, position, reorder_point):
    terms = Terms(multiple=multiple, minimum=minimum)
    ordered = int(terms.order(np.array(position), np.array(reorder_point)))
    if position > reorder_point:
        assert ordered == 0
    else:
        assert ordered % multiple == 0
        assert ordered >= minimum
        assert reorder_point < position + ordered
        assert position + ordered <= max(reorder_point, position) + max(terms.batch, multiple)


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=40),
    st.floats(0.01, 0.999),
    st.integers(1, 60),
)
def test_the_reorder_point_is_the_least_with_enough_service(demand, level, multiple):
    samples = np.array(demand, dtype=np.float64)
    found = policy(samples, Terms(service_level=level, multiple=multiple))
    positions = found.reorder_point + 1 + np.arange(multiple)
    reached = (samples[:, None] <= positions).mean()
    assert found.service == pytest.approx(reached)
    assert reached >= level - 1e-9
    if found.reorder_point > -1:
        assert service(np.sort(samples), found.reorder_point - 1, multiple) < level


def test_products_do_not_know_of_each_other():
    samples = np.random.default_rng(5).poisson(7, (30, 200)).astype(np.float64)
    together = policy(samples, Terms(multiple=3))
    for row, one in enumerate(samples):
        alone = policy(one, Terms(multiple=3))
        assert together.order_up_to[row] == alone.order_up_to


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_what_nobody_wants_is_not_stocked(level):
    found = policy(np.zeros((2, 50)), Terms(service_level=level))
    assert found.order_up_to.tolist() == [0, 0]
    assert found.reorder_point.tolist() == [-1, -1]


def test_one_sample_is_enough():
    assert policy(np.array([3.0]), Terms()).order_up_to == 3


def test_fractions_need_a_whole_unit_but_rounding_errors_do_not():
    assert policy(np.array([2.2]), Terms()).order_up_to == 3
    assert policy(np.array([0.1 + 0.2 + 2.7]), Terms()).order_up_to == 3


def test_huge_multiples_wait_for_a_customer():
    found = policy(UNIFORM, Terms(multiple=MOST_UNITS))
    assert (found.reorder_point, found.order_up_to) == (-1, MOST_UNITS - 1)


@pytest.mark.parametrize(
    "terms",
    [
        {"service_level": 0.0},
        {"service_level": 1.0},
        {"service_level": float("nan")},
        {"multiple": 0},
        {"multiple": MOST_UNITS + 1},
        {"minimum": -1},
        {"review": 0},
    ],
)
def test_impossible_terms_are_refused(terms):
    with pytest.raises(ValueError, match="must be"):
        Terms(**terms)  # type: ignore[arg-type]


@pytest.mark.parametrize("demand", [[], [-1.0], [float("nan")], [float("inf")], [2e12]])
def test_demand_that_is_none_is_refused(demand):
    with pytest.raises(ValueError, match="demand"):
        policy(np.array(demand), Terms())


def test_a_policy_has_a_value_for_each_product():
    found = policy(np.ones((4, 5, 10)), Terms())
    assert isinstance(found, Policy)
    assert found.reorder_point.shape == found.order_up_to.shape == found.service.shape == (4, 5)
