"""Monthly indicators of the countries that customers come from; the values are made up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.parameters import EconomyLaws, Parameters
from shop.streams import Floats, Ints, Times, stream


@dataclass(frozen=True)
class Economy:
    """`values` (series, countries, months) are as the laws' `series` say, rounded to tenths as
    statistical offices publish them. Indices are relative to the first month without season, shock
    and noise; unemployment is in per cent.

    The truth: `level` and `trend` a year (series, countries), in logs for an index; `shock`, the
    index of the month in which that of a country begins; `noise` in standard deviations.
    """

    countries: tuple[str, ...]
    months: Times
    values: Floats
    level: Floats
    trend: Floats
    shock: Ints
    noise: Floats


def economy(parameters: Parameters) -> Economy:
    """The indicators of `years` years up to the end of the period."""
    laws = parameters.economy
    countries = tuple(name for name, _ in parameters.customers.countries)
    end = np.datetime64(parameters.start, "M") + np.timedelta64(parameters.months, "M")
    count = 12 * laws.years
    months = end - np.arange(count, 0, -1)
    chance = stream(parameters.seed, "economy")
    level, trend = (
        np.array([chance.uniform(*bounds, len(countries)) for bounds in ranges])
        for ranges in ([s.level for s in laws.series], [s.trend for s in laws.series])
    )
    shock = np.floor(chance.uniform(*laws.shock_at, len(countries)) * count).astype(np.int64)
    noise = _noise(laws, len(countries), count, chance)
    time = np.arange(count)
    season = np.array(
        [
            s.season * np.cos(2 * np.pi * (months.astype(np.int64) % 12 + 1 - s.peak) / 12)
            for s in laws.series
        ]
    )
    total = (
        level[:, :, None]
        + trend[:, :, None] * time / 12
        + season[:, None, :]
        + np.array([s.shock for s in laws.series])[:, None, None] * decay(laws, shock, count)
        + np.array([s.noise for s in laws.series])[:, None, None] * noise
    )
    is_index = np.array([s.is_index for s in laws.series])[:, None, None]
    values = np.where(is_index, 100 * np.exp(np.where(is_index, total, 0)), np.maximum(total, 0))
    rounded = np.asarray(np.round(values, 1), dtype=np.float64)
    return Economy(countries, months, rounded, level, trend, shock, noise)


def decay(laws: EconomyLaws, shock: Ints, count: int) -> Floats:
    """What is left of the countries' shocks in each month: (countries, months), at most 1."""
    age = np.arange(count) - shock[:, None]
    left = np.where(age >= 0, np.exp(-np.maximum(age, 0) / laws.recovery), 0)
    return np.asarray(left, dtype=np.float64)


def _noise(laws: EconomyLaws, countries: int, count: int, chance: np.random.Generator) -> Floats:
    """Stationary autoregressive series with the variance one."""
    series = len(laws.series)
    # The business cycle, then what is each series' own; partly the same in all countries.
    common = chance.standard_normal((1 + series, 1, count))
    own = chance.standard_normal((1 + series, countries, count))
    factors = np.sqrt(laws.correlation) * common + np.sqrt(1 - laws.correlation) * own
    loading = np.array([s.cycle for s in laws.series])[:, None, None]
    shocks = loading * factors[0] + np.sqrt(1 - loading**2) * factors[1:]
    noise = np.array(shocks, dtype=np.float64)
    for month in range(1, count):
        noise[:, :, month] = (
            laws.persistence * noise[:, :, month - 1]
            + np.sqrt(1 - laws.persistence**2) * shocks[:, :, month]
        )
    return noise
