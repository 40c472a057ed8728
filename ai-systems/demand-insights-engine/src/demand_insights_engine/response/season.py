"""Seasonal factors of a year, with standard errors: of a product, a group, or a whole shop.

Demand has the mean exp(trend(t) + sum over k of a_k cos(2 pi k t / year) + b_k sin(...)), with a
cubic trend, since young shops do not grow evenly. It is estimated by Poisson pseudo-maximum-
likelihood with the overdispersion of the data. Season and trend are told apart only from more than
a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

YEAR = 365.25
LEAST_YEARS = 1.5
"""With less, a season is a trend as well."""
_TREND = 4  # coefficients: level to cubic
_STEPS = 100
_CLOSE = 1e-9


@dataclass(frozen=True)
class Season:
    """Of each day or week asked for: `factor` of demand relative to the mean of the year, and
    `log_error`, the standard error of its logarithm; ones and nan where no season is known."""

    factor: Floats
    log_error: Floats


def seasonal_factors(units: Floats, day: Floats, at: Floats, harmonics: int = 2) -> Season:
    """Factors at the days `at` (any number), from `units` (periods,) sold on or around `day`.

    Days count from any origin, the same for both. Periods with nan are left out. No season is known
    from less than LEAST_YEARS, from fewer periods than twice the unknowns, or without sales. Raises
    ValueError for negative or infinite units, or other shapes.
    """
    if units.shape != day.shape or harmonics < 1:
        raise ValueError(f"units {units.shape} on days {day.shape}, {harmonics} harmonics")
    if (units < 0).any() or np.isinf(units).any():
        raise ValueError("units must be finite and not negative")
    known = ~np.isnan(units)
    sold, when = units[known], day[known]
    unknowns = _TREND + 2 * harmonics
    unsure = Season(np.ones(at.shape), np.full(at.shape, np.nan))
    if sold.size < 2 * unknowns or np.ptp(when) < LEAST_YEARS * YEAR or not sold.sum() > 0:
        return unsure
    time = 2 * (when - when.min()) / np.ptp(when) - 1
    design = np.column_stack([np.vander(time, _TREND, increasing=True), _waves(when, harmonics)])
    # A penalty far below any information keeps seasons finite in which nothing is ever sold.
    ridge = 1e-3 * np.eye(unknowns)
    ridge[0, 0] = 0
    value = np.zeros(unknowns)
    value[0] = np.log(sold.mean())
    for _ in range(_STEPS):
        mean = np.exp(np.clip(design @ value, -50, 50))
        information = design.T @ (mean[:, None] * design) + ridge
        step = np.linalg.solve(information, design.T @ (sold - mean) - ridge @ value)
        value = value + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _CLOSE:
            break
    mean = np.exp(np.clip(design @ value, -50, 50))
    excess = ((sold - mean) ** 2 / np.maximum(mean, 1e-9)).sum() / (sold.size - unknowns)
    covariance = np.linalg.inv(design.T @ (mean[:, None] * design) + ridge) * max(excess, 1.0)
    year = _waves(np.arange(0, YEAR, 1.0), harmonics)
    waves = _waves(at.ravel(), harmonics)
    log_factor = waves @ value[_TREND:] - np.log(np.exp(year @ value[_TREND:]).mean())
    weight = np.exp(year @ value[_TREND:])
    gradient = waves - (weight[:, None] * year).sum(axis=0) / weight.sum()
    variance = np.einsum("ij,jk,ik->i", gradient, covariance[_TREND:, _TREND:], gradient)
    return Season(
        np.exp(log_factor).reshape(at.shape),
        np.sqrt(np.maximum(variance, 0)).reshape(at.shape),
    )


def _waves(day: Floats, harmonics: int) -> Floats:
    """Cosines and sines of the year, (days, 2 x harmonics)."""
    phase = 2 * np.pi * day[:, None] * np.arange(1, harmonics + 1) / YEAR
    return np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
