"""Named segments by recency, frequency and monetary value."""

from datetime import timedelta

import numpy as np
import pytest

from customer_days import FIRST, days_of, simulate
from datalake.contracts.insights import CustomerSegment
from demand_insights_engine.customers.segments import segment
from demand_insights_engine.customers.transactions import histories

AS_OF = FIRST + timedelta(days=365)


def segments(days):
    known = histories(days, AS_OF)
    return dict(zip(known.customer_id, segment(known).segment, strict=True))


def test_the_best_and_the_lost_are_named():
    often = [("often", day, 100) for day in range(0, 365, 7)]
    gone = [("gone", day, 100) for day in range(0, 100, 3)]
    others = [(f"c{n}", 100 + 5 * n, 10) for n in range(40)]

    found = segments(days_of(*often, *gone, ("once", 1, 1), *others))

    assert found["often"] == "champion"
    assert found["gone"] == "cannot lose them"
    assert found["once"] == "lost"


def test_equal_customers_are_in_one_segment():
    assert len(set(segments(days_of(*((f"c{n}", 10, 5) for n in range(30)))).values())) == 1


@pytest.mark.parametrize("customers", [1, 2, 3, 4])
def test_few_customers_have_segments_too(customers):
    found = segments(days_of(*((f"c{n}", 50 * n, 10 * n) for n in range(customers))))

    assert set(found.values()) <= set(CustomerSegment)


def test_nobody_is_in_no_segment():
    found = segment(histories(days_of(), AS_OF))

    assert found.segment == []
    assert found.thresholds.recency_days == ()


def test_scores_are_quintiles_and_order_as_their_values():
    known = histories(simulate(500, 3), AS_OF)
    found = segment(known)

    net = known.amount - known.returned_amount
    for score in range(1, 6):
        assert (found.monetary == score).mean() == pytest.approx(0.2, abs=0.01)
    assert (np.diff(found.monetary[np.argsort(net)]) >= 0).all()
    assert (np.diff(found.recency[np.argsort(known.recency - known.age)]) >= 0).all()
    assert list(found.thresholds.monetary) == sorted(found.thresholds.monetary)


def test_who_returned_more_than_was_bought_scores_least():
    days = days_of(("a", 0, 10), ("a", 5, None, 50), *((f"c{n}", n, 10 + n) for n in range(9)))
    known = histories(days, AS_OF)

    assert segment(known).monetary[0] == 1
