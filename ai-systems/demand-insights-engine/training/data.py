"""Built-in series, made from a seed: demand of all classes and other series, of several lengths.

They differ in what methods are sensitive to: how far the level wanders, trend, season, noise, how
often demand occurs, and how much its size varies. None of it is taken from a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecasting.matrix import Floats

PERIODS = (1, 4, 7, 12, 52)
"""Of seasons: none, quarters of a year, days of a week, months and weeks of a year."""
HORIZON = 13
CREATED = date(2026, 11, 25)
"""The date of the recipe: built-in series cover no days."""

_SERIES = 250  # of a kind and a period
_VALUES = 120
_SHORTEST = 2
_SPEED = (0.003, 0.3)  # of the level, standard deviation of the logarithm's changes
_NOISE = (0.01, 0.6)  # about the level, standard deviation of logarithms


@dataclass(frozen=True)
class Group:
    """Series with one period: `history` (series, time) with NaN in front, `future` (series,
    HORIZON)."""

    period: int
    is_demand: bool
    history: Floats
    future: Floats


def built_in(seed: int) -> list[Group]:
    """Equal seeds give equal series."""
    random = np.random.Generator(np.random.PCG64(seed))
    return [_group(random, period, is_demand) for is_demand in (True, False) for period in PERIODS]


def as_bytes(groups: list[Group]) -> bytes:
    """What a hash of the series is made of."""
    return b"".join(one.tobytes() for group in groups for one in (group.history, group.future))


def rows(group: Group) -> int:
    """How many values the histories of a group have."""
    return int((~np.isnan(group.history)).sum())


def _group(random: np.random.Generator, period: int, is_demand: bool) -> Group:
    level = _level(random, period)
    values = _demand(random, level) if is_demand else _measurements(random, level)
    history, future = values[:, :_VALUES], values[:, _VALUES:]
    # As many short series as long ones.
    length = np.exp(random.uniform(np.log(_SHORTEST), np.log(_VALUES + 1), _SERIES)).astype(int)
    begun = np.arange(_VALUES) >= _VALUES - length[:, None]
    return Group(period, is_demand, np.where(begun, history, np.nan), future)


def _level(random: np.random.Generator, period: int) -> Floats:
    """The logarithm of the level: a walk from still to free, a damped trend, a season or none."""
    steps = _VALUES + HORIZON
    shape = (_SERIES, steps)
    wanders = random.random((_SERIES, 1)) < 0.75
    speed = wanders * _between(random, *_SPEED)
    walk = np.cumsum(random.normal(0, 1, shape) * speed, axis=1)
    drift = random.normal(0, 0.004, (_SERIES, 1)) * np.arange(steps)
    if period == 1:
        return np.asarray(walk + drift, dtype=np.float64)
    angle = 2 * np.pi * np.arange(steps) / period
    size = random.uniform(0, 0.5, (_SERIES, 1)) * random.choice([0.0, 1.0], (_SERIES, 1))
    season = sum(
        np.sin(harmonic * angle + random.uniform(0, 2 * np.pi, (_SERIES, 1)))
        * random.normal(0, 1 / harmonic, (_SERIES, 1))
        for harmonic in range(1, min(period // 2, 3) + 1)
    )
    return np.asarray(walk + drift + size * season, dtype=np.float64)


def _demand(random: np.random.Generator, level: Floats) -> Floats:
    """Whole units: a chance of demand, then a size of at least 1, Poisson with a gamma mean. A
    third of the series are amounts, which are no counts."""
    chance = np.where(random.random((_SERIES, 1)) < 0.4, 1.0, random.uniform(0.05, 1, (_SERIES, 1)))
    typical = _between(random, 0.5, 1000)
    dispersion = _between(random, 0.5, 100)
    mean = typical * np.exp(np.clip(level, -8, 8))
    sizes = random.poisson(mean * random.gamma(dispersion, 1 / dispersion, level.shape))
    units = np.where(chance < 1, (random.random(level.shape) < chance) * (1.0 + sizes), sizes)
    is_amount = random.random((_SERIES, 1)) < 1 / 3
    return np.where(is_amount, typical * _multiples(random, level), units)


def _measurements(random: np.random.Generator, level: Floats) -> Floats:
    """Values of any sign: noise about the level, a half of the series as multiples of it."""
    typical = _between(random, 1, 10_000)
    is_multiple = random.random((_SERIES, 1)) < 0.5
    noise = random.normal(0, 1, level.shape) * _between(random, *_NOISE)
    return typical * np.where(is_multiple, _multiples(random, level), level + noise)


def _multiples(random: np.random.Generator, level: Floats) -> Floats:
    noise = random.normal(0, 1, level.shape) * _between(random, *_NOISE)
    return np.asarray(np.exp(np.clip(level + noise, -8, 8)), dtype=np.float64)


def _between(random: np.random.Generator, low: float, high: float) -> Floats:
    """A number for each series (series, 1), uniform in its logarithm."""
    return np.asarray(np.exp(random.uniform(np.log(low), np.log(high), (_SERIES, 1))))
