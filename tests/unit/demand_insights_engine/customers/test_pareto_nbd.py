"""The Pareto/NBD model, against published values and its own definition."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln

from customer_days import simulate
from demand_insights_engine.customers import bgnbd
from demand_insights_engine.customers.pareto_nbd import (
    ParetoNbd,
    expected_purchases,
    fit,
    log_likelihood,
    p_alive,
)
from demand_insights_engine.customers.transactions import Histories, histories

CDNOW = ParetoNbd(0.553, 10.578, 0.606, 11.669)


def customers(*rows):
    x, recency, age = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    names = pl.Series([str(number) for number in range(len(rows))])
    nothing = np.zeros(len(rows))
    return Histories(
        date(2024, 1, 1), names, names, names, x, recency, age, nothing, nothing, nothing
    )


def test_published_forecasts_are_met():
    """The walk-through of the R package BTYD: customer 1516 of CDNOW."""
    one = customers((26, 30.86, 31.0))

    assert p_alive(CDNOW, one)[0] == pytest.approx(0.9979, abs=5e-4)
    assert expected_purchases(CDNOW, one, 52)[0] == pytest.approx(25.46, abs=0.01)


@settings(max_examples=40)
@given(
    st.builds(ParetoNbd, st.floats(0.1, 5), st.floats(1, 50), st.floats(0.1, 5), st.floats(1, 50)),
    st.integers(0, 30),
    st.floats(1, 60),
    st.floats(0.05, 0.95),
)
def test_the_likelihood_is_that_of_the_definition(model, x, age, share):
    """Active until the end, or left at any time after the last purchase."""
    recency = age * share if x else 0.0
    one = [np.array([value], dtype=float) for value in (x, recency, age)]

    def at(until):
        return (model.alpha + until) ** -(model.r + x) * (model.beta + until) ** -(model.s + 1)

    scale = at(recency)
    left = quad(lambda until: at(until) / scale, recency, age)[0] * model.s
    active = at(age) * (model.beta + age) / scale
    shared = gammaln(model.r + x) - gammaln(model.r)
    shared += model.r * np.log(model.alpha) + model.s * np.log(model.beta)

    assert log_likelihood(model, *one)[0][0] == pytest.approx(
        shared + np.log(scale) + np.log(left + active), rel=1e-6
    )
    alive = p_alive(model, customers((x, recency, age)))[0]
    assert alive == pytest.approx(active / (left + active), rel=1e-6)


def test_the_fit_is_as_good_as_that_of_bgnbd():
    seen = histories(simulate(800, 4), date(2024, 12, 31))
    sample = bgnbd.sample(seen)

    assert fit(sample).log_likelihood == pytest.approx(bgnbd.fit(sample).log_likelihood, rel=0.01)


def test_customers_of_one_day_are_active():
    assert p_alive(CDNOW, customers((0, 0, 0), (3, 20, 20))) == pytest.approx(1)
