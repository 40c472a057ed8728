"""How sure the figures of a customer are: intervals that hold parameters and chance.

Parameters of BG/NBD vary as their bootstrap does; given them, the customer's own rates vary as the
data leave open, and purchases as the models say. Parameters of Gamma-Gamma are taken as fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from demand_insights_engine.customers import bgnbd
from demand_insights_engine.customers.activity import BgNbd
from demand_insights_engine.customers.gamma_gamma import GammaGamma, of_customers
from demand_insights_engine.customers.transactions import Floats, Histories

LEVEL = 0.9
"""Of all intervals."""

_DRAWS = 400
_CHUNK = 5_000
_LEAST = 1e-12


@dataclass(frozen=True)
class Interval:
    """Central intervals of LEVEL, an element for each customer."""

    lower: Floats
    upper: Floats


def active(models: Sequence[BgNbd], customers: Histories) -> Interval:
    """Of the probability to be active: what the parameters' bootstrap leaves open."""
    return _interval(np.stack([bgnbd.p_alive(model, customers) for model in models], axis=1))


def purchases_and_spend(
    models: Sequence[BgNbd],
    amounts: GammaGamma | None,
    customers: Histories,
    weeks: float,
    *,
    seed: int,
) -> tuple[Interval, Interval | None]:
    """Of the purchase days of the next `weeks` and of the amounts spent on them, by simulation.

    The interval of spend is None where `amounts` is.
    """
    found: list[tuple[Interval, Interval | None]] = []
    for begin in range(0, len(customers), _CHUNK):
        part = customers.part(begin, begin + _CHUNK)
        random = np.random.Generator(np.random.PCG64([seed, begin]))
        count = max(_DRAWS // len(models), 1)
        purchases = np.concatenate(
            [_simulated(model, part, weeks, count, random) for model in models], axis=1
        )
        spend = None
        if amounts is not None:
            shape, total = of_customers(amounts, part)
            rate = random.gamma(shape[:, None], size=purchases.shape) / total[:, None]
            spend = _interval(random.gamma(amounts.p * purchases) / np.maximum(rate, _LEAST))
        found.append((_interval(purchases), spend))
    if not found:
        nothing = Interval(np.empty(0), np.empty(0))
        return nothing, None if amounts is None else nothing
    spends = [spend for _, spend in found if spend is not None]
    return _joined([one for one, _ in found]), _joined(spends) if spends else None


def _simulated(
    model: BgNbd, customers: Histories, weeks: float, count: int, random: np.random.Generator
) -> Floats:
    """Purchase days of `count` futures of each customer, of shape (customers, count)."""
    r, alpha, a, b = astuple(model)
    shape = (len(customers), count)
    x = customers.frequency[:, None]
    is_active = random.random(shape) < bgnbd.p_alive(model, customers)[:, None]
    rate = random.gamma(r + x, size=shape) / (alpha + customers.age[:, None])
    leaves = np.clip(random.beta(a, b + x, size=shape), _LEAST, 1.0)
    # Whoever leaves does so after the purchase with this number.
    last = random.geometric(leaves)
    found: Floats = np.where(is_active, np.minimum(random.poisson(rate * weeks), last), 0).astype(
        np.float64
    )
    return found


def _interval(draws: Floats) -> Interval:
    tail = (1 - LEVEL) / 2
    lower, upper = np.quantile(draws, (tail, 1 - tail), axis=1)
    return Interval(lower, upper)


def _joined(parts: Sequence[Interval]) -> Interval:
    return Interval(
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
    )
