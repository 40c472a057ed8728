from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from shop.customers import Cohort, Customers, Purchases, expected_repeats
from shop.parameters import Parameters
from shop.periods import months

PARAMETERS = Parameters(months=12)
LAWS = PARAMETERS.customers
ORDERS = 60_000
CUSTOMERS = Customers(PARAMETERS, ORDERS)
MONTHS = [CUSTOMERS.month(month) for month in months(PARAMETERS)]
COHORTS = [m.cohort for m in MONTHS]
ALL = Cohort(*(np.concatenate([getattr(c, f.name) for c in COHORTS]) for f in fields(Cohort)))
BUYS = Purchases(
    *(np.concatenate([getattr(m.purchases, f.name) for m in MONTHS]) for f in fields(Purchases))
)
DROPPED = np.concatenate([m.dropped for m in MONTHS])
PER_CUSTOMER = np.bincount(BUYS.customer - ALL.customer[0], minlength=len(ALL.customer))


def close(found: float, expected: float, error: float) -> bool:
    """Within four standard errors."""
    return bool(abs(found - expected) < 4 * error)


def test_rates_dropouts_and_values_have_the_means_of_their_laws() -> None:
    n = np.sqrt(len(ALL.customer))
    assert close(ALL.rate.mean(), LAWS.r / LAWS.alpha, np.sqrt(LAWS.r) / LAWS.alpha / n)
    a, b = LAWS.a, LAWS.b
    spread = np.sqrt(a * b / (a + b + 1)) / (a + b)
    assert close(ALL.dropout.mean(), a / (a + b), spread / n)
    deviation = LAWS.mean_value / np.sqrt(LAWS.q - 2)
    assert close(ALL.value.mean(), LAWS.mean_value, deviation / n)


def test_the_number_of_orders_is_as_asked() -> None:
    assert len(BUYS) == pytest.approx(ORDERS, rel=0.05)
    assert np.array_equal(BUYS.order, BUYS.order[0] + np.arange(len(BUYS)))
    assert (np.diff(BUYS.at) >= np.timedelta64(0, "m")).all()


def test_every_customer_buys_when_won_and_none_before() -> None:
    first = np.unique(BUYS.customer, return_index=True)[1]

    assert PER_CUSTOMER.min() == 1
    assert np.array_equal(BUYS.at[first], ALL.won)


def test_repeat_purchases_are_those_of_the_law() -> None:
    """(1 - exp(-rate p t)) / p of each customer of the first month, in shop time."""
    early = np.arange(len(COHORTS[0].customer))
    rhythm = CUSTOMERS.rhythm
    day = (ALL.won[early].astype("datetime64[D]") - np.datetime64(PARAMETERS.start)).astype(int)
    weeks = rhythm.weeks(365) - np.array([rhythm.weeks(int(d) + 1) for d in day])
    rate, p = ALL.rate[early], ALL.dropout[early]
    expected = (1 - np.exp(-rate * p * weeks)) / p

    repeats = PER_CUSTOMER[early] - 1

    assert close(repeats.mean(), expected.mean(), repeats.std() / np.sqrt(len(early)))
    law = expected_repeats(LAWS, float(weeks.mean()))
    assert close(repeats.mean(), law, repeats.std() / np.sqrt(len(early)))


@pytest.mark.parametrize(("weeks", "most"), [(0, 0), (1e-6, 2e-7), (10_000, 50)])
def test_expected_repeats_at_the_ends(weeks: float, most: float) -> None:
    assert 0 <= expected_repeats(LAWS, weeks) <= most


def test_customers_drop_out_after_a_repeat_purchase_with_their_probability() -> None:
    repeats = PER_CUSTOMER - 1
    has_dropped = np.zeros(len(ALL.customer), dtype=bool)
    has_dropped[DROPPED - ALL.customer[0]] = True

    assert len(np.unique(DROPPED)) == len(DROPPED)
    assert not has_dropped[repeats == 0].any()
    # Each repeat purchase is a trial with the customer's own probability.
    expected, variance = (repeats * ALL.dropout).sum(), (repeats * ALL.dropout**2).sum()
    error = np.sqrt(expected - variance)
    assert close(has_dropped.sum(), expected, error)


def test_what_a_purchase_is_worth_scatters_around_the_value_of_its_customer() -> None:
    ratio = BUYS.budget / ALL.value[BUYS.customer - ALL.customer[0]]

    n = len(BUYS)
    assert close(ratio.mean(), 1, ratio.std() / np.sqrt(n))
    assert ratio.std() == pytest.approx(1 / np.sqrt(LAWS.p), rel=0.03)


def test_purchases_have_the_weekly_rhythm_and_the_season() -> None:
    rhythm = CUSTOMERS.rhythm
    recent = BUYS.day >= 182  # when there are many customers
    weekday = (BUYS.day[recent] + 6) % 7  # the period begins on a Sunday
    share = np.bincount(weekday, minlength=7) / recent.sum()
    expected = np.zeros(7)
    np.add.at(expected, (np.arange(182, 365) + 6) % 7, rhythm.factors[182:])

    assert share == pytest.approx(expected / expected.sum(), abs=0.01)


def test_countries_and_growth_are_those_of_the_laws() -> None:
    shares = np.bincount(ALL.country, minlength=len(LAWS.countries)) / len(ALL.country)
    assert shares == pytest.approx([share for _, share in LAWS.countries], abs=0.01)
    grown = replace(PARAMETERS, customers=replace(LAWS, growth=1.5))
    growing = Customers(grown, ORDERS)
    won = [len(growing.month(month).cohort.customer) for month in months(grown)]
    assert won[-1] / won[-3] == pytest.approx(1.5**2, rel=0.1)
