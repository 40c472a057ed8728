"""The BG/NBD model, against published values, its own definition and its laws."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from customer_days import days_of, simulate
from demand_insights_engine.customers.bgnbd import (
    BgNbd,
    expected_purchases,
    fit,
    log_likelihood,
    p_alive,
    purchase_probabilities,
    sample,
)
from demand_insights_engine.customers.likelihood import FitError
from demand_insights_engine.customers.transactions import Histories, histories

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
PARAMETERS = st.builds(
    BgNbd,
    st.floats(0.05, 20),
    st.floats(0.1, 200),
    st.floats(0.05, 20),
    st.floats(0.05, 50),
)


def customers(*rows):
    """Of (frequency, recency, age), in weeks."""
    x, recency, age = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    names = pl.Series([str(number) for number in range(len(rows))])
    nothing = np.zeros(len(rows))
    return Histories(
        date(2024, 1, 1), names, names, names, x, recency, age, nothing, nothing, nothing
    )


def test_a_published_forecast_is_met():
    """Fader, Hardie and Lee's spreadsheet: 1.226 purchases of the first customer in 39 weeks."""
    first = customers((2, 30.43, 38.86))

    assert expected_purchases(CDNOW, first, 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_derivatives_are_those_of_differences():
    x, recency, age = (
        np.array([0.0, 1, 7, 200]),
        np.array([0.0, 1.5, 30, 50]),
        np.array([9.0, 2, 31, 50]),
    )
    point = np.log([0.3, 5.0, 0.7, 2.0])
    _, gradient = log_likelihood(BgNbd(*np.exp(point)), x, recency, age)
    for number, step in enumerate(1e-5 * np.eye(4)):
        up, down = (
            log_likelihood(BgNbd(*np.exp(point + sign * step)), x, recency, age)[0]
            for sign in (1, -1)
        )
        assert gradient[:, number] == pytest.approx((up - down) / 2e-5, abs=1e-5)


def test_the_fit_finds_the_parameters_that_made_the_customers():
    days = simulate(4_000, 5, days=730, r=0.8, alpha=6.0, a=0.7, b=3.0)

    found = fit(sample(histories(days, date(2025, 12, 31))))

    made = BgNbd(0.8, 6.0, 0.7, 3.0)
    # Purchases of one day count once, so rates come out a little lower.
    assert found.model.r == pytest.approx(made.r, rel=0.15)
    assert found.model.a / (found.model.a + found.model.b) == pytest.approx(0.7 / 3.7, rel=0.15)
    assert found.unbounded == ()


def test_too_few_customers_are_not_fitted():
    once = histories(days_of(*((str(number), 0, 5) for number in range(50))), date(2024, 6, 1))

    with pytest.raises(FitError, match="0 customers bought on a second day; at least 10"):
        sample(once)


def test_customers_who_never_leave_have_a_fit_all_the_same():
    weekly = days_of(*((f"c{n}", 7 * week + n % 7, 5) for n in range(30) for week in range(20)))
    seen = histories(weekly, date(2024, 5, 25))

    found = fit(sample(seen))

    assert found.unbounded
    assert (p_alive(found.model, seen) > 0.95).all()
    assert expected_purchases(found.model, seen, 4) == pytest.approx(4, rel=0.2)


@settings(max_examples=30)
@example(BgNbd(1.0, 1.0, 2.0, 1.0), 99, 0.5, 0.0, 14.0)  # scipy's function overflows
@example(BgNbd(1.0, 1.0, 2.0, 1.0), 300, 0.5, 0.99, 100.0)
@given(
    PARAMETERS,
    st.integers(0, 300),
    st.floats(0.5, 100),
    st.floats(0, 1),
    st.floats(0.5, 100),
)
def test_forecasts_are_those_of_the_definition(model, x, age, share, weeks):
    """The mean of (1 - exp(-rate p t)) / p over the customer's own rates and probabilities."""
    one = customers((x, age * share if x else 0.0, age))

    # At the beta's own quantiles, so that no peak is missed.
    p = np.maximum(beta(model.a, model.b + x).ppf((np.arange(2_000) + 0.5) / 2_000), 1e-300)
    bought = -np.expm1(-(model.r + x) * np.log1p(p * weeks / (model.alpha + age))) / p

    expected = expected_purchases(model, one, weeks)[0]
    assert expected == pytest.approx(p_alive(model, one)[0] * bought.mean(), rel=1e-2)


@settings(max_examples=50)
@given(PARAMETERS, st.integers(0, 40), st.floats(1, 60), st.floats(0, 1))
def test_probabilities_add_up_to_one_and_to_the_forecast(model, x, age, share):
    one = customers((x, age * share if x else 0.0, age))
    weeks = 0.1 * (model.alpha + age)

    found = purchase_probabilities(model, one, weeks, 400)[0]

    assert (found > -1e-9).all()
    assert found.sum() == pytest.approx(1, abs=1e-6)
    assert found @ np.arange(401) == pytest.approx(
        expected_purchases(model, one, weeks)[0], rel=1e-4
    )


@given(PARAMETERS, st.integers(1, 100), st.floats(1, 100), st.floats(0, 1))
def test_longer_silence_never_speaks_for_activity(model, x, age, share):
    silent = customers(*((x, age * share, age + more) for more in range(0, 60, 5)))

    alive = p_alive(model, silent)

    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.diff(alive) <= 1e-12).all()


def test_extreme_customers_have_finite_figures():
    extreme = customers((5_000, 520, 520.1), (0, 0, 0), (1, 0.1, 2_000), (1, 700, 700))
    for model in (CDNOW, BgNbd(1e-4, 1e-4, 1e-4, 1e-4), BgNbd(8e3, 8e3, 8e3, 8e3)):
        assert np.isfinite(expected_purchases(model, extreme, 52)).all()
        assert np.isfinite(p_alive(model, extreme)).all()


def test_a_parameter_of_one_is_no_gap():
    near, at = BgNbd(0.3, 4, 1 + 1e-4, 2), BgNbd(0.3, 4, 1.0, 2)
    one = customers((3, 20, 30))

    assert expected_purchases(at, one, 39) == pytest.approx(
        expected_purchases(near, one, 39), rel=1e-3
    )
