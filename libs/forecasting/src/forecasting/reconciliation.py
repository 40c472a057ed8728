"""Coherent forecasts of a hierarchy: products add up to groups, groups to the total.

Base forecasts of the levels contradict each other. Reconciliation takes from all of them the
forecasts of products, and adds these up again. MinT (Wickramasuriya, Athanasopoulos, Hyndman,
Optimal Forecast Reconciliation for Hierarchical and Grouped Time Series, 2019) weighs by the
covariance of past one-step errors, shrunk towards its diagonal (Schaefer and Strimmer, 2005);
`structural` weighs by how many products a series has, and `ols` treats all series alike. They need
no errors.

Groups and the total are the sums of products, exactly. A negative forecast of a product becomes
zero, and the others of its group shrink in proportion, so that the group keeps its forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Method: TypeAlias = Literal["mint", "structural", "ols"]

LEAST_ERRORS = 8
"""With fewer past errors of each series, MinT is replaced by `structural`."""


@dataclass(frozen=True)
class Hierarchy:
    """Which group each product is in: `group` (products,) with numbers 0 ... `groups` - 1.

    Series are ordered total, groups, products. Raises ValueError without products, or for a number
    that is no group.
    """

    group: Ints
    groups: int

    def __post_init__(self) -> None:
        if self.group.ndim != 1 or self.group.size == 0:
            raise ValueError("a hierarchy needs at least one product")
        if self.group.min() < 0 or self.group.max() >= self.groups:
            raise ValueError(
                f"groups {self.group.min()} to {self.group.max()} must be in 0 to {self.groups - 1}"
            )

    @property
    def series(self) -> int:
        """How many there are: the total, groups and products."""
        return 1 + self.groups + self.group.size

    def add_up(self, products: Floats) -> Floats:
        """Values of all series from those of products (products, ...); (series, ...).

        Groups add their products in order, and the total adds the groups, so that sums made in this
        order are the same to the last bit.
        """
        groups = np.zeros((self.groups, *products.shape[1:]))
        np.add.at(groups, self.group, products)
        total = np.zeros((1, *products.shape[1:]))
        for one in groups:
            total[0] += one
        return np.concatenate([total, groups, products])

    def summing_matrix(self) -> Floats:
        """Zeros and ones (series, products): series = matrix x products."""
        return self.add_up(np.eye(self.group.size))


@dataclass(frozen=True)
class Reconciled:
    """Coherent values (series, ...) in the order of the hierarchy, and the `method` they are by."""

    values: Floats
    method: Method


def reconcile(
    base: Floats, hierarchy: Hierarchy, errors: Floats | None = None, method: Method = "mint"
) -> Reconciled:
    """Make base forecasts (series, ...) coherent.

    `errors` are past one-step errors (series, periods), nan where not known; only periods known of
    all series count. Base forecasts that are coherent and not negative stay as they are, but for
    rounding. Raises ValueError for another number of series, or values that are not finite.
    """
    if base.shape[0] != hierarchy.series:
        raise ValueError(f"{base.shape[0]} base forecasts; the hierarchy has {hierarchy.series}")
    if not np.isfinite(base).all():
        raise ValueError("base forecasts must be finite")
    used, weights = _weights(hierarchy, errors, method)
    flat = base.reshape(hierarchy.series, -1)
    products = _without_negatives(weights.adjust(flat), hierarchy)
    return Reconciled(hierarchy.add_up(products.reshape(-1, *base.shape[1:])), used)


def _without_negatives(products: Floats, hierarchy: Hierarchy) -> Floats:
    """Products (products, n) with zeros for negative ones, and sums of groups and of all that stay
    as they were where they are positive; what has nothing negative is not touched."""
    base = products
    for inside in (hierarchy, Hierarchy(np.zeros_like(hierarchy.group), 1)):
        products = np.maximum(products, 0)
        wanted, sums = (inside.add_up(one)[1 : 1 + inside.groups] for one in (base, products))
        # Sums in another order differ by rounding.
        is_more = sums > np.maximum(wanted, 0) * (1 + 1e-12)
        factor = np.divide(np.maximum(wanted, 0), sums, out=np.ones_like(sums), where=is_more)
        products = products * factor[inside.group]
    return products


def sample_paths(paths: Floats, hierarchy: Hierarchy, errors: Floats | None = None) -> Reconciled:
    """Coherent sample paths (series, paths, periods) from those of each series.

    Path i of all series must be of one draw, such as the same past period's errors of all series
    (joint bootstrap: Panagiotelis et al., Probabilistic forecast reconciliation, 2023). Quantiles
    of the answer are those of coherent paths. They do not add up over products, because the
    quantile of a sum is not the sum of quantiles.
    """
    return reconcile(paths, hierarchy, errors)


def joint_paths(mean: Floats, errors: Floats, count: int, seed: int = 0) -> Floats:
    """Sample paths (series, count, periods): forecasts (series, periods) plus past errors.

    A path adds the errors (series, past periods) of as many consecutive periods, the same of all
    series, so that series stay dependent on each other and over time. Periods with an unknown error
    of any series are left out. Raises ValueError where fewer are left than the forecast has.
    """
    known = errors[:, ~np.isnan(errors).any(axis=0)]
    horizon = mean.shape[1]
    if known.shape[1] < horizon:
        raise ValueError(f"{known.shape[1]} periods with known errors; {horizon} are needed")
    chance = np.random.Generator(np.random.PCG64(seed))
    first = chance.integers(0, known.shape[1] - horizon + 1, count)
    return mean[:, None, :] + known[:, first[:, None] + np.arange(horizon)]


@dataclass(frozen=True)
class _Weights:
    """What reconciliation changes in products: gain x (aggregates of base - base of aggregates)."""

    hierarchy: Hierarchy
    gain: Floats

    def adjust(self, base: Floats) -> Floats:
        """Forecasts of products (products, n) from base forecasts (series, n)."""
        products = base[1 + self.hierarchy.groups :]
        aggregates = 1 + self.hierarchy.groups
        gap = base[:aggregates] - self.hierarchy.add_up(products)[:aggregates]
        return np.asarray(products + self.gain @ gap, dtype=np.float64)


def _weights(
    hierarchy: Hierarchy, errors: Floats | None, method: Method
) -> tuple[Method, _Weights]:
    """The gain of a method: (W_p C' - W_pa)(W_a - C W_pa - W_ap C' + C W_p C')^-1 with the
    covariances W of aggregates (a) and products (p), and C the aggregates' rows of the summing
    matrix. It is MinT written as an update of products, and inverts as many rows as there are
    aggregates only."""
    aggregates = 1 + hierarchy.groups
    sums = hierarchy.summing_matrix()[:aggregates]
    known = np.empty((hierarchy.series, 0))
    if errors is not None and errors.size:
        known = errors[:, ~np.isnan(errors).any(axis=0)]
    if method == "mint" and known.shape[1] < LEAST_ERRORS:
        method = "structural"
    if method == "mint":
        own, shared = _shrunk(known, aggregates)
    else:
        members = sums.sum(axis=1) if method == "structural" else np.ones(aggregates)
        own = np.concatenate([np.maximum(members, 1), np.ones(hierarchy.group.size)])
        shared = np.zeros((hierarchy.series, 0))
    # W = diag(own) + shared shared'
    left = np.hstack([-np.eye(aggregates), sums])  # the gaps, from errors of all series
    cross = (own[aggregates:, None] * left[:, aggregates:].T) + shared[aggregates:] @ (
        left @ shared
    ).T
    inner = (left * own) @ left.T + (left @ shared) @ (left @ shared).T
    gain = cross @ np.linalg.pinv(inner, hermitian=True)
    return method, _Weights(hierarchy, np.asarray(gain, dtype=np.float64))


def _shrunk(errors: Floats, aggregates: int) -> tuple[Floats, Floats]:
    """The shrunk covariance as a diagonal (series,) and factors (series, periods).

    Correlations are multiplied by 1 - intensity, the intensity of Schaefer and Strimmer over pairs
    with an aggregate; those between two products are too many to estimate it from.
    """
    periods = errors.shape[1]
    centred = errors - errors.mean(axis=1, keepdims=True)
    variance = (centred**2).sum(axis=1) / (periods - 1)
    variance = np.maximum(variance, 1e-12 * max(float(variance.max()), 1e-12))
    scaled = centred / np.sqrt(variance)[:, None]
    products = scaled[:aggregates, None, :] * scaled[None, :, :]
    mean = products.mean(axis=2)
    spread = products.var(axis=2) * periods / (periods - 1) / periods
    is_pair = ~np.eye(aggregates, len(errors), dtype=np.bool_)
    square = float((mean[is_pair] ** 2).sum())
    intensity = float(np.clip(spread[is_pair].sum() / square, 0.0, 1.0)) if square > 0 else 1.0
    factors = np.sqrt((1 - intensity) / (periods - 1)) * centred
    return np.maximum(variance - (factors**2).sum(axis=1), 0) + 1e-15, factors
