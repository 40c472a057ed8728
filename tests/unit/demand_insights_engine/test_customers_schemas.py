"""Answers on customers."""

from datetime import date

import pytest
from pydantic import ValidationError

from demand_insights_engine.customers_schemas import Activity, Figure, Scores


def test_a_figure_may_be_unknown_but_never_infinite():
    facts = {"level": 0.9, "as_of": date(2024, 1, 1), "purchase_days": 2}

    assert Figure(value=None, lower=None, upper=None, **facts).value is None
    with pytest.raises(ValidationError, match="finite"):
        Figure(value=float("inf"), lower=None, upper=None, **facts)


@pytest.mark.parametrize("score", [0, 6])
def test_scores_are_fifths(score):
    with pytest.raises(ValidationError):
        Scores(recency=score, frequency=1, monetary=1)


def test_a_probability_is_no_more_than_one():
    with pytest.raises(ValidationError):
        Activity(day=date(2024, 1, 1), p_active=1.1)
