"""The BG/NBD model: how often customers buy, and whether they still do.

Fader, Hardie and Lee, "Counting your customers the easy way: an alternative to the Pareto/NBD
model", Marketing Science 24 (2005). While active, a customer buys at a Poisson rate that is gamma
distributed over customers (`r`, `alpha`); after each purchase the customer leaves with a
probability that is beta distributed (`a`, `b`). A customer who is active today is as one who
begins today with the updated parameters (r + x, alpha + T, a, b + x): forecasts follow from that.
Times are in weeks.
"""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1

from demand_insights_engine.customers.activity import BgNbd, probability_active
from demand_insights_engine.customers.likelihood import (
    MIN_REPEATERS,
    Fit,
    FitError,
    Sample,
    maximise,
)
from demand_insights_engine.customers.transactions import Floats, Histories

_START = (1.0, 10.0, 1.0, 2.0)
_NEAR_ONE = 1e-6
_TERMS = 500


def log_likelihood(
    model: BgNbd, frequency: Floats, recency: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """The log-likelihood of each customer, and its derivatives by the logarithms of r, alpha, a
    and b, of shape (customers, 4). Equation 3 of the paper."""
    r, alpha, a, b = astuple(model)
    x, repeats = frequency, frequency > 0
    until_end, until_last = np.log(alpha + age), np.log(alpha + recency)
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    # Left after the last purchase, against still active: the logarithm of the odds.
    denominator = np.where(repeats, b + x - 1, 1.0)
    odds = np.where(
        repeats, np.log(a) - np.log(denominator) + (r + x) * (until_end - until_last), -np.inf
    )
    gone = expit(odds)
    value = shared - (r + x) * until_end + np.logaddexp(0.0, odds)
    by_r = digamma(r + x) - digamma(r) + np.log(alpha) - until_end
    by_r = by_r + gone * (until_end - until_last)
    by_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + age) + gone / (alpha + recency))
    both, both_x = digamma(a + b), digamma(a + b + x)
    by_a = both - both_x + gone / a
    by_b = digamma(b + x) - both_x - digamma(b) + both - gone / denominator
    return value, np.stack((by_r * r, by_alpha * alpha, by_a * a, by_b * b), axis=-1)


def sample(customers: Histories) -> Sample:
    """What the likelihood depends on. Raises FitError with too few customers to learn from."""
    if (repeaters := int((customers.frequency > 0).sum())) < MIN_REPEATERS:
        raise FitError(
            f"{repeaters} customers bought on a second day; at least {MIN_REPEATERS} are needed"
        )
    return Sample.of(customers.frequency, customers.recency, customers.age)


def fit(customers: Sample) -> Fit[BgNbd]:
    """The parameters of greatest likelihood."""
    return maximise(BgNbd, log_likelihood, customers, _START)


def p_alive(model: BgNbd, customers: Histories) -> Floats:
    """The probability that each customer is still active at `as_of`."""
    return probability_active(model, customers.frequency, customers.recency, customers.age)


def expected_purchases(model: BgNbd, customers: Histories, weeks: float) -> Floats:
    """Purchase days that each customer is expected to have in the next `weeks`; equation 10."""
    r, alpha, a, b = _of_active(model, customers)
    a = 1 + _NEAR_ONE if abs(a - 1) < _NEAR_ONE else a
    total = a + b - 1
    # Euler's transformation keeps the series short where a customer has bought many times.
    z = weeks / (alpha + weeks)
    left = (1 - z) ** (a - 1) * _hypergeometric(total - r, a - 1, total, z)
    expected: Floats = p_alive(model, customers) * total / (a - 1) * (1 - left)
    return expected


def _hypergeometric(one: Floats, other: float, below: Floats, z: Floats) -> Floats:
    """Gauss's function. scipy overflows where `below` is large and others differ by whole numbers;
    there the power series converges quickly."""
    found: Floats = hyp2f1(one, other, below, z)
    bad = ~np.isfinite(found)
    if bad.any():
        n = np.arange(_TERMS)
        first, third, last = (np.broadcast_to(v, found.shape)[bad, None] for v in (one, below, z))
        ratios = (first + n) * (other + n) / ((third + n) * (n + 1)) * last
        found[bad] = 1 + np.cumprod(ratios, axis=1).sum(axis=1)
    return found


def purchase_probabilities(model: BgNbd, customers: Histories, weeks: float, most: int) -> Floats:
    """The probabilities of 0, 1 ... `most` purchase days in the next `weeks`, of shape
    (customers, most + 1); equation 8."""
    r, alpha, a, b = (np.reshape(value, (-1, 1)) for value in _of_active(model, customers))
    n = np.arange(most + 1)
    stays = r * np.log(alpha / (alpha + weeks)) + n * np.log(weeks / (alpha + weeks))
    counts = np.exp(gammaln(r + n) - gammaln(r) - gammaln(n + 1) + stays)
    active = counts * np.exp(betaln(a, b + n) - betaln(a, b))
    # Left after the last of n: at least n would have been bought.
    at_least = 1 - np.cumsum(counts, axis=1) + counts
    left = np.exp(betaln(a + 1, b + np.maximum(n, 1) - 1) - betaln(a, b)) * at_least
    found: Floats = p_alive(model, customers)[:, None] * (active + np.where(n > 0, left, 0.0))
    found[:, 0] += 1 - p_alive(model, customers)
    return found


def _of_active(model: BgNbd, customers: Histories) -> tuple[Floats, Floats, float, Floats]:
    """The parameters of each customer, given that the customer is still active."""
    r, alpha, a, b = astuple(model)
    x = customers.frequency
    return r + x, alpha + customers.age, a, b + x
