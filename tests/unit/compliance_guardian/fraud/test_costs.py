"""The threshold of the least expected cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.costs import NEVER, Bin, Costs, best_threshold, curve

COSTS = Costs(alert=5, missed=100)
CALIBRATED = [Bin(p / 100, 1_000, p * 10) for p in (0, 1, 2, 4, 6, 10, 50, 90)]


def test_of_a_calibrated_model_it_is_the_ratio_of_the_costs():
    for costs, expected in [(COSTS, 0.06), (Costs(1, 100), 0.01), (Costs(30, 100), 0.5)]:
        assert best_threshold(curve(CALIBRATED, costs), costs) == expected


def test_alerts_on_all_and_on_none_are_the_ends_of_the_curve():
    points = curve(CALIBRATED, COSTS)

    assert (points[0].cost, points[0].alerts, points[0].found) == (5_000, 1, 1)
    assert points[-1].threshold == NEVER
    assert points[-1].cost == pytest.approx(100 * 1_000 * 0.20375)
    assert (points[-1].alerts, points[-1].found) == (0, 0)


def test_an_alert_that_costs_more_than_a_fraud_is_never_raised():
    costs = Costs(200, 100)

    assert best_threshold(curve(CALIBRATED, costs), costs) == NEVER


BINS = st.lists(
    st.builds(
        lambda p, n, share: Bin(p, n, int(n * share)),
        st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        st.integers(0, 1_000),
        st.floats(0, 1),
    ),
    max_size=8,
)
MONEY = st.floats(0.01, 1e6)


@given(bins=BINS, alert=MONEY, missed=MONEY)
def test_no_threshold_costs_less_than_the_best(bins, alert, missed):
    costs = Costs(alert, missed)
    points = curve(bins, costs)
    threshold = best_threshold(points, costs)
    payments = sum(one.payments for one in bins)

    def cost(least):
        return sum(
            one.payments * alert if one.probability >= least else one.frauds * missed
            for one in bins
        )

    if not payments:
        assert points == []
        assert threshold == min(alert / missed, NEVER)
        return
    assert cost(threshold) <= min(map(cost, [0, 0.1, 0.5, 1.0])) * (1 + 1e-9)
    for point in points:
        assert 0 <= point.lower <= point.cost <= point.upper
        assert point.cost == pytest.approx(cost(point.threshold) * 1_000 / payments)
    assert [point.threshold for point in points] == sorted({point.threshold for point in points})


@pytest.mark.parametrize("bins", [[Bin(0.5, 10, 0)], [Bin(0.5, 10, 10)], [Bin(1.0, 1, 1)]])
def test_one_class_or_one_bin_is_enough(bins):
    points = curve(bins, COSTS)

    assert best_threshold(points, COSTS) in {bins[0].probability, NEVER}
    assert points[-1].found in (0, 1, None)
