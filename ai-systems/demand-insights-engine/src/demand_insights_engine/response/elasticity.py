"""Price elasticities of demand, with standard errors, where prices vary.

Demand of product i in period t has the mean exp(a_i + d_t + e_i log price_it + b_i promotion_it):
a product and a period have each their level, so neither popularity nor season is taken for a
response. Estimated by Poisson pseudo-maximum-likelihood (Santos Silva and Tenreyro, The Log of
Gravity, 2006), which needs no logarithm of zero sales and no Poisson counts; errors are the
sandwich's, clustered by product. Products alone have too few sales at other prices for most
questions, so each estimate is drawn towards that of its group by their variances (empirical
Bayes, Morris 1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_SPREAD = 0.01
"""Standard deviation of log prices, by demand, below which a product's price does not vary."""
LEAST_CLUSTERS = 5
"""Products below which a group's error cannot be told (Cameron and Miller, 2015)."""
_STEPS = 50
_PROJECTIONS = 20
_OWN_STEPS = 8
_CLOSE = 1e-8
_MOST = 20.0


@dataclass(frozen=True)
class Response:
    """A percentage change of demand for each percent of price: `elasticity`, with its
    `standard_error`; `products` and `periods` (with a known price) that it rests on."""

    elasticity: float
    standard_error: float
    products: int
    periods: int

    @property
    def p_value(self) -> float:
        """Of no response, two-sided, by the normal distribution; nan where nothing is known."""
        return erfc(abs(self.elasticity) / self.standard_error / sqrt(2))

    def is_significant(self, level: float = 0.05) -> bool:
        """Whether chance would show such a response in less than `level` of all cases."""
        return self.p_value < level

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the elasticity."""
        reach = 1.96 * self.standard_error
        return self.elasticity - reach, self.elasticity + reach

    def factor(self, price_ratio: float) -> tuple[float, float, float]:
        """By which factor demand would change with the price: estimate, lower, upper bound.

        Raises ValueError for a ratio that is not positive.
        """
        if not 0 < price_ratio < np.inf:
            raise ValueError(f"price ratio {price_ratio} must be positive")
        bounds = sorted(price_ratio**value for value in self.interval())
        return price_ratio**self.elasticity, bounds[0], bounds[1]


UNKNOWN = Response(np.nan, np.nan, 0, 0)
"""Where no product of a group has prices that vary."""


@dataclass(frozen=True)
class Panel:
    """What responses are estimated from, (products, periods): `units` of demand, nan where not
    known, out of stock or closed; `log_price`, nan where unknown. `effect` has the period's part of
    the mean, exp(d_t), the same for all products of a group."""

    units: Floats
    log_price: Floats
    effect: Floats

    @property
    def used(self) -> Bools:
        """Where both units and price are known, of products that sell anything."""
        known = ~np.isnan(self.units) & ~np.isnan(self.log_price)
        sells = np.where(known, self.units, 0).sum(axis=1) > 0
        return np.asarray(known & sells[:, None], dtype=np.bool_)


def estimate(units: Floats, price: Floats, group: Ints) -> tuple[list[Response], list[Response]]:
    """Responses of each product, and of each group 0 ... max(group).

    `units` and `price` are (products, periods), `group` is (products,). A product without an own
    estimate has its group's. UNKNOWN where prices do not vary in all of the group. Raises
    ValueError for negative units, prices that are not positive, or other shapes.
    """
    if units.shape != price.shape or group.shape != units.shape[:1]:
        raise ValueError(f"units {units.shape}, prices {price.shape} and groups {group.shape}")
    if (units < 0).any() or np.isinf(units).any():
        raise ValueError("units must be finite and not negative")
    if (price <= 0).any() or np.isinf(price).any():
        raise ValueError("prices must be finite and positive")
    products: list[Response] = [UNKNOWN] * len(units)
    groups: list[Response] = []
    for number in range(int(group.max(initial=-1)) + 1):
        rows = np.flatnonzero(group == number)
        common, own = _group(units[rows], np.log(price[rows]))
        groups.append(common)
        for row, response in zip(rows.tolist(), own, strict=True):
            products[row] = response
    return products, groups


def _group(units: Floats, log_price: Floats) -> tuple[Response, list[Response]]:
    """The response of a group, and those of its products."""
    panel = Panel(units, log_price, np.ones(units.shape[1]))
    unknown = UNKNOWN, [UNKNOWN] * len(units)
    common, information, scores = 0.0, 0.0, np.zeros(len(units))
    for _ in range(_STEPS):
        panel = Panel(units, log_price, _period_effects(panel, common))
        fitted = _fitted(panel, common)
        x = _within(_centred(panel), fitted)
        information = float((fitted * x**2).sum())
        if information < _CLOSE:
            return unknown
        scores = ((np.where(panel.used, units, 0) - fitted) * x).sum(axis=1)
        step = float(np.clip(scores.sum() / information, -0.5, 0.5))
        common = float(np.clip(common + step, -_MOST, _MOST))
        if abs(step) < _CLOSE:
            break
    _, _, spread = _moments(panel, np.full(len(units), common))
    varies = spread > LEAST_SPREAD
    if not varies.any():
        return unknown
    periods = panel.used.sum(axis=1)
    clusters = int(varies.sum())
    dispersion = _dispersion(panel, common)
    variance = float((scores**2).sum()) / information**2 * clusters / max(clusters - 1, 1)
    # Few clusters make the sandwich too small by chance; the error of the model bounds it.
    if clusters < LEAST_CLUSTERS:
        variance = max(variance, dispersion / information)
    own, own_variance = _own(panel, common, varies)
    response = Response(common, sqrt(variance), clusters, int(periods[varies].sum()))
    return response, _shrunk(own, dispersion * own_variance, varies, response, periods)


def _fitted(panel: Panel, common: float) -> Floats:
    """Units as the model has them; each product's sum is the actual one."""
    used = panel.used
    weight = np.where(used, panel.effect * np.exp(common * _centred(panel)), 0)
    sums = weight.sum(axis=1, keepdims=True)
    totals = np.where(used, panel.units, 0).sum(axis=1, keepdims=True)
    share = np.divide(weight, sums, out=np.zeros_like(weight), where=sums > 0)
    return np.asarray(totals * share, dtype=np.float64)


def _within(x: Floats, weight: Floats) -> Floats:
    """What of `x` neither products nor periods explain: its residual from both, by weight.

    Alternating projections (Gaure, OLS with multiple high dimensional category variables, 2013).
    """
    for _ in range(_PROJECTIONS):
        before = x
        for axis in (1, 0):
            sums = weight.sum(axis=axis, keepdims=True)
            mean = np.divide(
                (weight * x).sum(axis=axis, keepdims=True),
                sums,
                out=np.zeros_like(sums),
                where=sums > 0,
            )
            x = x - mean
        if np.abs(x - before).max() < _CLOSE:
            break
    return x


def _dispersion(panel: Panel, common: float) -> float:
    """The variance of units over that of Poisson counts, at least 1."""
    used, fitted = panel.used, _fitted(panel, common)
    units = np.where(used, panel.units, 0)
    excess = np.divide((units - fitted) ** 2, fitted, out=np.zeros_like(fitted), where=fitted > 0)
    degrees = used.sum() - used.any(axis=1).sum() - used.any(axis=0).sum()
    return max(float(excess.sum() / max(degrees, 1)), 1.0)


def _period_effects(panel: Panel, common: float) -> Floats:
    """exp(d_t) that makes fitted and actual units of each period equal (Poisson's first-order
    condition); 1 where nothing is sold or known."""
    used = panel.used
    units = np.where(used, panel.units, 0)
    shape = np.where(used, np.exp(common * _centred(panel)), 0)
    totals = units.sum(axis=1, keepdims=True)
    weight = (shape * panel.effect).sum(axis=1, keepdims=True)
    level = np.divide(totals, weight, out=np.zeros_like(totals), where=weight > 0)
    fitted, actual = (level * shape).sum(axis=0), units.sum(axis=0)
    effect = np.divide(actual, fitted, out=np.ones_like(fitted), where=fitted > 0)
    return np.where(fitted > 0, effect, 1.0)


def _centred(panel: Panel) -> Floats:
    """Log prices less their mean of each product, so that exponentials stay near 1."""
    known = ~np.isnan(panel.log_price)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = np.where(known, panel.log_price, 0).sum(axis=1, keepdims=True) / count
    return np.where(known, panel.log_price - mean, 0.0)


def _moments(panel: Panel, elasticity: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each product, given its units: score and information of the elasticity, and the standard
    deviation of log prices by fitted demand.

    Given its total, a product's units are multinomial over its periods, which leaves its level out.
    """
    used = panel.used
    x = _centred(panel)
    total = np.where(used, panel.units, 0).sum(axis=1)
    weight = np.where(used, panel.effect * np.exp(elasticity[:, None] * x), 0)
    sums = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, sums, out=np.zeros_like(weight), where=sums > 0)
    mean = (share * x).sum(axis=1)
    variance = np.maximum((share * x**2).sum(axis=1) - mean**2, 0)
    score = (np.where(used, panel.units, 0) * x).sum(axis=1) - total * mean
    return score, total * variance, np.sqrt(variance)


def _own(panel: Panel, common: float, varies: Bools) -> tuple[Floats, Floats]:
    """Each product's own estimate, and its variance were units Poisson.

    A few of Newton's steps from the group's estimate, bounded, so that a product stays finite also
    where it sold at one price only.
    """
    own = np.full(len(panel.units), common)
    for _ in range(_OWN_STEPS):
        score, information, _ = _moments(panel, own)
        step = np.divide(score, information, out=np.zeros_like(own), where=information > 0)
        own = np.clip(own + np.where(varies, np.clip(step, -1, 1), 0), -_MOST, _MOST)
    _, information, _ = _moments(panel, own)
    enough = varies & (information > 0)
    return own, np.divide(1, information, out=np.full(len(own), np.inf), where=enough)


def _shrunk(
    own: Floats, variance: Floats, varies: Bools, common: Response, periods: Ints
) -> list[Response]:
    """Own estimates, drawn to the group's by their variances; the group's where there is none.

    Between products, the variance is what the spread of own estimates has beyond their errors
    (DerSimonian and Laird, 1986).
    """
    rows = np.flatnonzero(varies & np.isfinite(variance))
    between = 0.0
    if rows.size > 1:
        weight = 1 / variance[rows]
        spread = float((weight * (own[rows] - common.elasticity) ** 2).sum())
        scale = weight.sum() - (weight**2).sum() / weight.sum()
        between = max(0.0, (spread - (rows.size - 1)) / float(scale))
    found = []
    for row in range(len(own)):
        trust = 0.0
        if varies[row] and np.isfinite(variance[row]):
            trust = between / (between + float(variance[row]))
        error = sqrt(trust**2 * variance[row] if trust else 0.0)
        rest = (1 - trust) ** 2 * (common.standard_error**2 + between)
        found.append(
            Response(
                elasticity=trust * float(own[row]) + (1 - trust) * common.elasticity,
                standard_error=sqrt(error**2 + rest),
                products=1 if trust > 0 else common.products,
                periods=int(periods[row]) if trust > 0 else common.periods,
            )
        )
    return found
