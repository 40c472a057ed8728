"""What changed since last week: products whose demand moved by more than chance would move it.

Percentages of small numbers always look large. So the latest period is compared with the ones
before it as counts: given the total of both, the latest is beta-binomial if weeks are negative
binomial with the same mean (and binomial if they are Poisson), whatever that mean is.

Demand has heavier tails than that: a few large orders, a season that begins. So the same comparison
is made in weeks before, and the latest must stand out from what it says there (an empirical null:
Efron, Large-Scale Simultaneous Hypothesis Testing, 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, ndtri

from demand_insights_engine.changes.dispersion import MOST, sizes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

REFERENCE = 4
"""Periods that the latest one is compared with."""
ORIGINS = 8
"""Earlier periods that tell how much changes usually seem to mean."""
_CHUNK = 200_000
_LEAST_P = 1e-300
_TAIL = 0.05
_LEAST_EXCESS = 0.25


@dataclass(frozen=True)
class Moves:
    """Of each series: units of the `latest` period, `usual` units of the periods before, their
    `ratio` with a 95 % interval (`lower`, `upper`), the `p_value` of no change, and whether the
    change `is_significant` among all series; nan and False where a series is too new."""

    latest: Floats
    usual: Floats
    ratio: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    is_significant: Bools


def moves(units: Floats, false_share: float = 0.1, reference: int = REFERENCE) -> Moves:
    """Compare the last period of `units` (series, periods) with the `reference` ones before it.

    Where a single order may be large, counts of orders in place of units tell more.
    Dispersion is that of all periods but the last. At most `false_share` of the significant changes
    are expected to be chance (Benjamini and Hochberg, 1995). Periods that are nan are left out.
    Raises ValueError for negative or infinite units, or for no period to compare with.
    """
    if units.shape[1] < 2 or reference < 1:
        raise ValueError(f"{units.shape[1]} periods; the latest and one before it are needed")
    if (units < 0).any() or np.isinf(units).any():
        raise ValueError("units must be finite and not negative")
    latest, before = units[:, -1], units[:, -1 - reference : -1]
    periods = (~np.isnan(before)).sum(axis=1)
    total = np.nansum(before, axis=1)
    is_known = (periods > 0) & ~np.isnan(latest)
    usual = np.divide(total, periods, out=np.full(len(units), np.nan), where=periods > 0)
    size = sizes(units[:, :-1])
    p_value = _p_values(units, size, reference)
    least = max(reference + 1, units.shape[1] - ORIGINS)
    past = [_p_values(units[:, :end], size, reference) for end in range(least, units.shape[1])]
    p_value = _beside(p_value, np.concatenate([np.empty(0), *past]))
    ratio, lower, upper = _ratio(latest, total, periods, size, is_known)
    return Moves(
        latest=latest,
        usual=usual,
        ratio=ratio,
        lower=lower,
        upper=upper,
        p_value=p_value,
        is_significant=discoveries(p_value, false_share),
    )


def _p_values(units: Floats, size: Floats, reference: int) -> Floats:
    """Of the last period of each series against those before it; nan where not known."""
    latest, before = units[:, -1], units[:, -1 - reference : -1]
    periods, total = (~np.isnan(before)).sum(axis=1), np.nansum(before, axis=1)
    found = np.full(len(units), np.nan)
    rows = np.flatnonzero((periods > 0) & ~np.isnan(latest))
    found[rows] = [
        p_no_change(round(new), round(old), count, k)
        for new, old, count, k in zip(
            *(values[rows].tolist() for values in (latest, total, periods, size)), strict=True
        )
    ]
    return found


def _beside(p_values: Floats, past: Floats) -> Floats:
    """p-values, but none smaller than its rank among past ones says.

    Beyond the most extreme twentieth of the past, the tail of normal deviates is exponential with
    the mean excess of that twentieth (peaks over threshold: Davison and Smith, 1990).
    """
    past = past[~np.isnan(past)]
    if not past.size:
        return p_values
    usual, latest = (-ndtri(np.maximum(one, _LEAST_P) / 2) for one in (past, p_values))
    threshold = float(np.quantile(usual, 1 - _TAIL))
    beyond = usual[usual > threshold] - threshold
    excess = max(float(beyond.mean()) if beyond.size else 0.0, _LEAST_EXCESS)
    share = 1 - np.searchsorted(np.sort(usual), latest) / usual.size
    tail = _TAIL * np.exp(-np.maximum(latest - threshold, 0) / excess)
    by_past = np.where(latest > threshold, tail, share)
    return np.where(np.isnan(p_values), np.nan, np.maximum(p_values, by_past))


def p_no_change(latest: int, before: int, periods: int, size: float) -> float:
    """The two-sided mid-p-value of `latest` units in one period after `before` in `periods`.

    `size` is that of negative binomial counts a period; above MOST they are Poisson.
    """
    total = latest + before
    if total == 0:
        return 1.0
    if total > _CHUNK:  # beyond it the sum of a tail takes long, and a share of each is the same
        scale = _CHUNK / total
        latest, before = round(latest * scale), round(before * scale)
        total = latest + before
    k = np.arange(total + 1)
    ways = gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
    if size < MOST:
        first, second = size, size * periods
        log_p = ways + betaln(k + first, total - k + second) - betaln(first, second)
    else:
        share = 1 / (1 + periods)
        log_p = ways + k * np.log(share) + (total - k) * np.log1p(-share)
    p = np.exp(log_p)
    below, at = float(p[:latest].sum()), float(p[latest])
    above = max(float(p[latest + 1 :].sum()), 0.0)
    return min(1.0, 2 * (min(below, above) + at / 2))


def discoveries(p_values: Floats, false_share: float) -> Bools:
    """Which p-values are significant together, by Benjamini and Hochberg; nan is not."""
    found = np.zeros(p_values.shape, dtype=np.bool_)
    rows = np.flatnonzero(~np.isnan(p_values))
    if not rows.size:
        return found
    order = rows[np.argsort(p_values[rows], kind="stable")]
    passes = p_values[order] <= false_share * np.arange(1, rows.size + 1) / rows.size
    if passes.any():
        found[order[: np.flatnonzero(passes)[-1] + 1]] = True
    return found


def _ratio(
    latest: Floats, total: Floats, periods: NDArray[np.int64], size: Floats, is_known: Bools
) -> tuple[Floats, Floats, Floats]:
    """The ratio of means with a 95 % interval on the log scale; half a unit is added to both."""
    new, old = latest + 0.5, (total + 0.5) / np.maximum(periods, 1)
    ratio = np.where(is_known, new / old, np.nan)
    variance = 1 / new + 1 / size + (1 / (total + 0.5) + 1 / (size * np.maximum(periods, 1)))
    reach = np.exp(np.minimum(1.96 * np.sqrt(variance), 50.0))
    return ratio, ratio / reach, ratio * reach
