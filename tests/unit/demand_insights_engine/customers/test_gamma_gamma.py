"""The Gamma-Gamma model, against published values and its own definition."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import gamma

from customer_days import days_of, simulate
from demand_insights_engine.customers.gamma_gamma import (
    GammaGamma,
    amount_interval,
    dependence,
    expected_amount,
    fit,
    log_likelihood,
    sample,
)
from demand_insights_engine.customers.likelihood import FitError
from demand_insights_engine.customers.transactions import Histories, histories

CDNOW = GammaGamma(6.25, 3.74, 15.44)


def customers(*rows):
    """Of (frequency, monetary value)."""
    x, value = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    names, nothing = pl.Series([str(number) for number in range(len(rows))]), np.zeros(len(rows))
    return Histories(
        date(2024, 1, 1), names, names, names, x, nothing, nothing, value, nothing, nothing
    )


def test_published_means_are_met():
    """Fader and Hardie's note: 35 dollars of a customer without repeated purchases."""
    assert expected_amount(CDNOW, customers((0, 0)))[0] == pytest.approx(
        6.25 * 15.44 / 2.74, rel=1e-12
    )
    # (p - weighted) between the mean of all and the customer's own.
    assert expected_amount(CDNOW, customers((2, 22.35)))[0] == pytest.approx(24.65, abs=0.02)


def test_more_purchases_bring_the_mean_to_the_customers_own():
    found = expected_amount(CDNOW, customers(*((x, 100.0) for x in (0, 1, 5, 50, 5_000))))

    assert (np.diff(found) > 0).all()
    assert found[-1] == pytest.approx(100, rel=0.01)


def test_derivatives_are_those_of_differences():
    x, value = np.array([1.0, 3, 60]), np.array([0.01, 20.0, 1e6])
    point = np.log([6.0, 4.0, 15.0])
    _, gradient = log_likelihood(GammaGamma(*np.exp(point)), x, value)
    for number, step in enumerate(1e-5 * np.eye(3)):
        up, down = (
            log_likelihood(GammaGamma(*np.exp(point + sign * step)), x, value)[0]
            for sign in (1, -1)
        )
        assert gradient[:, number] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("unit", [1.0, 1e-3, 150.0, 1e9])
def test_the_fit_does_not_depend_on_the_currency(unit):
    days = simulate(600, 6)
    one, other = (
        fit(sample(histories(days.with_columns(pl.col("amount") * scale), date(2025, 1, 1))))
        for scale in (1.0, unit)
    )

    assert other.model.p == pytest.approx(one.model.p, rel=1e-3)
    assert other.model.gamma == pytest.approx(one.model.gamma * unit, rel=1e-3)


def test_the_fit_finds_how_much_amounts_of_a_customer_vary():
    """Amounts of a customer are made with shape 6, see `simulate`."""
    found = fit(sample(histories(simulate(3_000, 7, r=2.0), date(2025, 1, 1))))

    assert found.model.p == pytest.approx(6, rel=0.2)
    assert found.model.p * found.model.gamma / (found.model.q - 1) == pytest.approx(30, rel=0.1)


def test_an_interval_holds_the_mean_of_as_many_customers_as_it_says():
    random = np.random.Generator(np.random.PCG64(8))
    x = random.integers(0, 12, 4_000)
    rate = gamma.rvs(CDNOW.q, scale=1 / CDNOW.gamma, size=len(x), random_state=random)
    value = random.gamma(CDNOW.p * np.maximum(x, 1), 1 / rate) / np.maximum(x, 1)
    low, high = amount_interval(CDNOW, customers(*zip(x, value * (x > 0), strict=True)), 0.8)

    inside = (low <= CDNOW.p / rate) & (CDNOW.p / rate <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


def test_a_mean_without_bound_is_said_to_be_infinite():
    assert expected_amount(GammaGamma(2, 0.8, 5), customers((0, 0), (3, 10))).tolist() == [
        np.inf,
        pytest.approx(2 * 35 / 5.8),
    ]


def test_free_purchases_say_nothing_of_amounts():
    free = customers((4, 0.0))

    assert expected_amount(CDNOW, free) == expected_amount(CDNOW, customers((0, 0)))
    with pytest.raises(FitError, match="0 customers have an amount on a second day"):
        sample(free)


def test_dependence_is_seen_where_frequent_customers_spend_more():
    apart = histories(simulate(800, 9), date(2025, 1, 1))
    together = days_of(*((f"c{n}", 3 * day, 5.0 * n) for n in range(1, 40) for day in range(n + 1)))

    assert abs(dependence(apart)) < 0.15
    assert dependence(histories(together, date(2025, 1, 1))) == pytest.approx(1)
    assert np.isnan(dependence(customers((1, 5), (2, 6))))
