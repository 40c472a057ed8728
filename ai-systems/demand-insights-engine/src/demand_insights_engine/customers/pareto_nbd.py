"""The Pareto/NBD model, which the BG/NBD model is compared with.

Schmittlein, Morrison and Colombo, "Counting your customers", Management Science 33 (1987), as
Fader and Hardie, "A note on deriving the Pareto/NBD model" (2005), write it. Customers leave at
any time, not only after a purchase: lifetimes are exponential at a rate that is gamma distributed
(`s`, `beta`). Times are in weeks.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import gammaln, hyp2f1

from demand_insights_engine.customers.likelihood import Fit, Sample, maximise
from demand_insights_engine.customers.transactions import Floats, Histories

_START = (1.0, 10.0, 1.0, 10.0)
_NEAR_ONE = 1e-6


@dataclass(frozen=True)
class ParetoNbd:
    """Parameters, all positive; `alpha` and `beta` are in weeks."""

    r: float
    alpha: float
    s: float
    beta: float


def log_likelihood(
    model: ParetoNbd, frequency: Floats, recency: Floats, age: Floats
) -> tuple[Floats, None]:
    """The log-likelihood of each customer; its derivatives are left to finite differences."""
    r, alpha, s, beta = astuple(model)
    x = frequency
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    active = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    return bought + np.logaddexp(active, _log_left(model, x, recency, age)), None


def fit(customers: Sample) -> Fit[ParetoNbd]:
    """The parameters of greatest likelihood, of the sample that BG/NBD is fitted to."""
    return maximise(ParetoNbd, log_likelihood, customers, _START)


def p_alive(model: ParetoNbd, customers: Histories) -> Floats:
    """The probability that each customer is still active at `as_of`."""
    r, alpha, s, beta = astuple(model)
    x, age = customers.frequency, customers.age
    active = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    left = _log_left(model, x, customers.recency, age)
    alive: Floats = np.exp(active - np.logaddexp(active, left))
    return alive


def expected_purchases(model: ParetoNbd, customers: Histories, weeks: float) -> Floats:
    """Purchase days that each customer is expected to have in the next `weeks`."""
    r, alpha, s, beta = astuple(model)
    s = 1 + _NEAR_ONE if abs(s - 1) < _NEAR_ONE else s
    x, age = customers.frequency, customers.age
    rate = (r + x) * (beta + age) / ((alpha + age) * (s - 1))
    stays = 1 - ((beta + age) / (beta + age + weeks)) ** (s - 1)
    expected: Floats = p_alive(model, customers) * rate * stays
    return expected


def _log_left(model: ParetoNbd, x: Floats, recency: Floats, age: Floats) -> Floats:
    """The logarithm of the part of the likelihood in which the customer has left: equation 19 of
    the note, written so that the argument of the hypergeometric function is in [0, 1)."""
    r, alpha, s, beta = astuple(model)
    larger = max(alpha, beta)
    second = s + 1 if alpha >= beta else r + x
    power = r + s + x

    def term(until: Floats) -> Floats:
        z = abs(alpha - beta) / (larger + until)
        # Euler's transformation: the series stays bounded where `power` is large.
        series = (1 - z) ** (1 - second) * hyp2f1(1, power + 1 - second, power + 1, z)
        log_term: Floats = np.log(series) - power * np.log(larger + until)
        return log_term

    earlier, later = term(recency), term(age)
    with np.errstate(divide="ignore"):  # nobody left between the same day
        difference = earlier + np.log(-np.expm1(np.minimum(later - earlier, 0.0)))
    left: Floats = np.log(s / power) + difference
    return left
