"""The Gamma-Gamma model: what a customer spends on a day with a purchase.

Fader and Hardie, "The Gamma-Gamma model of monetary value" (2013). Amounts of a customer are gamma
distributed (shape `p`) at a rate that is gamma distributed over customers (`q`, `gamma`); how much
customers spend does not depend on how often they buy, which `dependence` checks.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln
from scipy.stats import spearmanr

from demand_insights_engine.customers.likelihood import (
    MIN_REPEATERS,
    Fit,
    FitError,
    Sample,
    maximise,
)
from demand_insights_engine.customers.transactions import Floats, Histories, Mask


@dataclass(frozen=True)
class GammaGamma:
    """Parameters, all positive; `gamma` is in the currency's major unit."""

    p: float
    q: float
    gamma: float


def log_likelihood(
    model: GammaGamma, frequency: Floats, monetary_value: Floats
) -> tuple[Floats, Floats]:
    """The log-likelihood of each customer with repeated purchases, and its derivatives by the
    logarithms of the parameters, of shape (customers, 3). Equation 1a of the note."""
    p, q, gamma = astuple(model)
    shape, total = p * frequency, frequency * monetary_value
    both = np.log(gamma + total)
    value = (
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * (np.log(gamma) - both)
        + shape * (np.log(total) - both)
        - np.log(monetary_value)
    )
    by_shape = digamma(shape + q) - digamma(shape) + np.log(total) - both
    by_q = digamma(shape + q) - digamma(q) + np.log(gamma) - both
    by_gamma = q / gamma - (shape + q) / (gamma + total)
    return value, np.stack((by_shape * shape, by_q * q, by_gamma * gamma), axis=-1)


def sample(customers: Histories) -> Sample:
    """What the likelihood depends on: customers with repeated purchases for more than nothing.

    Raises FitError with too few of them to learn from.
    """
    usable = _is_usable(customers)
    if (count := int(usable.sum())) < MIN_REPEATERS:
        raise FitError(
            f"{count} customers have an amount on a second day; at least {MIN_REPEATERS} are needed"
        )
    return Sample.of(customers.frequency[usable], customers.monetary_value[usable])


def fit(customers: Sample) -> Fit[GammaGamma]:
    """The parameters of greatest likelihood."""
    frequency, monetary_value = customers.columns
    typical = float(np.exp(np.average(np.log(monetary_value), weights=customers.counts)))
    # In units of a typical amount, so that yen are fitted as well as dollars.
    scaled = Sample((frequency, monetary_value / typical), customers.counts)
    found = maximise(GammaGamma, log_likelihood, scaled, (4.0, 4.0, 1.0))
    model = GammaGamma(found.model.p, found.model.q, found.model.gamma * typical)
    shift = float(customers.counts.sum()) * np.log(typical)
    return Fit(model, found.log_likelihood - shift, found.customers, found.unbounded)


def expected_amount(model: GammaGamma, customers: Histories) -> Floats:
    """The mean amount of each customer's purchase days to come; equation 5 of the note.

    Infinite where neither the customer nor the others bound it (q of 1 or less).
    """
    shape, total = of_customers(model, customers)
    with np.errstate(divide="ignore"):
        return np.where(shape > 1, model.p * total / np.maximum(shape - 1, 0.0), np.inf)


def amount_interval(model: GammaGamma, customers: Histories, level: float) -> tuple[Floats, Floats]:
    """The central interval of `level` of that mean, given the parameters: it is p / nu, and the
    rate nu is gamma distributed."""
    shape, total = of_customers(model, customers)
    tail = (1 - level) / 2
    return (
        model.p * total / gammaincinv(shape, 1 - tail),
        model.p * total / gammaincinv(shape, tail),
    )


def dependence(customers: Histories) -> float:
    """Spearman's rank correlation of frequency and monetary value, which the model takes for 0;
    NaN where all are equal."""
    usable = _is_usable(customers)
    if usable.sum() < MIN_REPEATERS:
        return float("nan")
    x, z = customers.frequency[usable], customers.monetary_value[usable]
    if np.ptp(x) == 0 or np.ptp(z) == 0:
        return float("nan")
    return float(spearmanr(x, z).statistic)


def _is_usable(customers: Histories) -> Mask:
    return (customers.frequency > 0) & (customers.monetary_value > 0)


def of_customers(model: GammaGamma, customers: Histories) -> tuple[Floats, Floats]:
    """Shape and scale of each customer's rate nu; the others' alone where there is no amount."""
    x = np.where(_is_usable(customers), customers.frequency, 0.0)
    return model.p * x + model.q, model.gamma + x * customers.monetary_value
