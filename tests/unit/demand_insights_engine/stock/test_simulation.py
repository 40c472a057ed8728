"""Policies, simulated."""

import numpy as np
import pytest

from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import Terms, policy
from demand_insights_engine.stock.simulation import normal_reorder_point, simulate


def always(*points):
    return lambda _: np.array(points)


def test_three_weeks_by_hand():
    """Up to 5 units, lead time 1: week 1 leaves 5 - 3 = 2; week 2 gets the 0 ordered at first and
    lacks 2 of 4; week 3 gets the 3 ordered before week 2, so 1, and sells it."""
    found = simulate(np.array([[3, 4, 1]]), always(4), Terms(), LeadTime.fixed(1), settling=0)
    assert found.intervals == 3
    assert found.without_shortage.tolist() == [2]
    assert found.stock.tolist() == [pytest.approx(2 / 3)]
    assert found.met.tolist() == [pytest.approx(6 / 8)]
    assert found.demand.tolist() == [pytest.approx(8 / 3)]


def test_an_interval_is_short_if_any_of_its_periods_is():
    """Up to 5, review 2, lead time 0: 3 and 3 are demanded between two orders."""
    demand = np.array([[3, 3, 1, 1]])
    found = simulate(demand, always(4), Terms(review=2), LeadTime.fixed(0), settling=0)
    assert (found.intervals, found.without_shortage.tolist()) == (2, [1])


def test_the_start_settles_and_does_not_count():
    demand = np.array([[100, 100, 1, 1, 1, 1]])
    found = simulate(demand, always(4), Terms(), LeadTime.fixed(1))
    assert (found.intervals, found.without_shortage.tolist()) == (4, [3])
    assert found.demand.tolist() == [1]


def test_the_policy_is_asked_at_each_review_with_the_period():
    asked = []

    def points(period):
        asked.append(period)
        return np.array([4])

    simulate(np.ones((1, 7), int), points, Terms(review=3), LeadTime.fixed(0), settling=0)
    assert sorted(set(asked)) == [0, 3]


def test_an_order_never_overtakes_an_earlier_one():
    """Whatever the lead times, all units ordered arrive: demand that stops leaves a full stock."""
    demand = np.zeros((50, 40), dtype=int)
    demand[:, :25] = 3
    lead = LeadTime((0, 2, 6), (0.4, 0.3, 0.3))
    found = simulate(demand, always(*[29] * 50), Terms(), lead, settling=35)
    assert found.stock.tolist() == [30.0] * 50


@pytest.mark.parametrize("multiple", [1, 12, 40])
@pytest.mark.parametrize("lead", [LeadTime.fixed(0), LeadTime.fixed(3)])
@pytest.mark.parametrize("review", [1, 2])
def test_the_service_level_is_reached_on_known_demand(multiple, lead, review):
    """The law of the policy: with the true distribution of demand the service is what was asked."""
    chance = np.random.default_rng(8)
    terms = Terms(service_level=0.95, multiple=multiple, review=review)
    paths = chance.negative_binomial(4, 0.1, (4_000, lead.longest + review)).astype(float)
    chosen = policy(paths.sum(axis=1), terms)
    points = np.full(400, int(chosen.reorder_point))
    demand = chance.negative_binomial(4, 0.1, (400, 160))
    found = simulate(demand, lambda _: points, terms, lead)
    assert found.service.mean() == pytest.approx(0.95, abs=0.012)
    assert found.service.mean() == pytest.approx(float(chosen.service), abs=0.012)


def test_results_depend_on_the_seed_only():
    demand = np.random.default_rng(1).poisson(5, (6, 50))
    lead = LeadTime((1, 4), (0.5, 0.5))
    first, second = (simulate(demand, always(*[9] * 6), Terms(), lead, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.stock, second.stock)


def test_without_demand_the_share_met_is_unknown():
    found = simulate(np.zeros((1, 20), int), always(-1), Terms(), LeadTime.fixed(1))
    assert np.isnan(found.met).all()
    assert found.service.tolist() == [1]


def test_too_short_a_demand_is_refused():
    with pytest.raises(ValueError, match="5 periods; more than 5 are needed"):
        simulate(np.ones((1, 5), int), always(4), Terms(), LeadTime.fixed(4))


def test_the_textbook_rule_by_hand():
    """Time 4 + 1 with variance 1: 50 + 1.645 x sqrt(5 x 9 + 100 x 1) = 69.8."""
    lead = LeadTime((3, 5), (0.5, 0.5))
    point = normal_reorder_point(np.array([10.0]), np.array([3.0]), lead, Terms())
    assert point.tolist() == [69]


def test_the_textbook_rule_never_asks_for_less_than_nothing():
    terms = Terms(service_level=0.01)
    point = normal_reorder_point(np.array([1.0]), np.array([9.0]), LeadTime.fixed(1), terms)
    assert point.tolist() == [-1]
