"""Yearly indicators of made-up countries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.parameters import IndicatorLaws, Parameters
from shop.streams import Bools, Floats, Ints, stream

_STARTS = ("Al", "Bor", "Cal", "Dar", "El", "Fen", "Gar", "Hol", "Is", "Jor")
_ENDS = ("avia", "donia", "land", "mark", "ora", "stan", "tania", "via")


@dataclass(frozen=True)
class Indicators:
    """(countries, years). `is_missing` (3, countries, years) says which values a file lacks, of
    fertility, life expectancy and population in this order; the arrays have them.

    The truth: `growth` of the population a year (log), and the years (from the first one) of half
    the way of the two transitions, each a country.
    """

    countries: tuple[str, ...]
    years: Ints
    fertility: Floats
    life_expectancy: Floats
    population: Ints
    is_missing: Bools
    growth: Floats
    fertility_midpoint: Floats
    life_midpoint: Floats


def indicators(parameters: Parameters) -> Indicators:
    """The same years for each country. Raises ValueError if there are too few names."""
    laws = parameters.indicators
    names = [f"{start}{end}" for start in _STARTS for end in _ENDS]
    if laws.countries > len(names):
        raise ValueError(f"indicators: there are names of {len(names)} countries at most")
    chance = stream(parameters.seed, "indicators")
    countries = sorted(chance.choice(names, laws.countries, replace=False).tolist())
    time = np.arange(laws.years)
    shape = (laws.countries, laws.years)
    growth = chance.uniform(*laws.growth, laws.countries)
    size = np.log(chance.lognormal(16, 1, laws.countries))[:, None] + growth[:, None] * time
    fertility_midpoint = chance.uniform(-10, laws.years, laws.countries)
    life_midpoint = chance.uniform(-30, laws.years / 2, laws.countries)
    highest = chance.uniform(5, 7.5, laws.countries)
    lowest = chance.uniform(35, 45, laws.countries)
    fallen = _logistic((time - fertility_midpoint[:, None]) / 8)
    risen = _logistic((time - life_midpoint[:, None]) / 15)
    fertility = highest[:, None] + (laws.fertility_floor - highest[:, None]) * fallen
    life = lowest[:, None] + (laws.life_ceiling - lowest[:, None]) * risen
    return Indicators(
        countries=tuple(countries),
        years=laws.first_year + time,
        fertility=_rounded(np.maximum(fertility + _noise(laws, shape, chance), 0.5)),
        life_expectancy=_rounded(life + _noise(laws, shape, chance)),
        population=np.round(np.exp(size)).astype(np.int64),
        is_missing=chance.random((3, *shape)) < laws.missing,
        growth=growth,
        fertility_midpoint=fertility_midpoint,
        life_midpoint=life_midpoint,
    )


def _rounded(values: Floats) -> Floats:
    """To the thousandths that files have."""
    return np.asarray(np.round(values, 3), dtype=np.float64)


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)


def _noise(laws: IndicatorLaws, shape: tuple[int, int], chance: np.random.Generator) -> Floats:
    """A stationary autoregressive series of first order for each country."""
    shocks = chance.normal(0, laws.noise, shape)
    noise = shocks.copy()
    own = np.sqrt(1 - laws.persistence**2)
    for year in range(1, shape[1]):
        noise[:, year] = laws.persistence * noise[:, year - 1] + own * shocks[:, year]
    return noise
