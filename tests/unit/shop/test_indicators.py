from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop.indicators import indicators
from shop.parameters import IndicatorLaws, Parameters

LAWS = IndicatorLaws()
MADE = indicators(Parameters())


def test_a_row_is_a_made_up_country_and_a_column_a_year() -> None:
    assert len(set(MADE.countries)) == LAWS.countries
    assert MADE.years.tolist() == list(range(LAWS.first_year, LAWS.first_year + LAWS.years))
    assert MADE.fertility.shape == MADE.population.shape == (LAWS.countries, LAWS.years)


def test_regression_finds_the_growth_of_the_population() -> None:
    slope = np.polyfit(np.arange(LAWS.years), np.log(MADE.population).T, 1)[0]

    assert slope == pytest.approx(MADE.growth, abs=1e-5)


def test_fertility_falls_and_life_expectancy_rises_to_their_limits() -> None:
    """Half the way is done at the midpoint."""
    error = 5 * LAWS.noise
    late = MADE.fertility_midpoint < LAWS.years - 45
    assert late.any()
    assert MADE.fertility[late, -1] == pytest.approx(LAWS.fertility_floor, abs=error)
    middle = (MADE.life_midpoint > 0).nonzero()[0]
    at = np.round(MADE.life_midpoint[middle]).astype(int)
    found = MADE.life_expectancy[middle, at]
    assert (found > (35 + LAWS.life_ceiling) / 2 - 1.5).all()
    assert (found < (45 + LAWS.life_ceiling) / 2 + 1.5).all()


def test_noise_is_autocorrelated() -> None:
    laws = replace(LAWS, years=400, countries=20)
    made = indicators(Parameters(indicators=laws))

    # The transitions are over.
    rest = made.life_expectancy[:, 330:] - made.life_expectancy[:, 330:].mean(axis=1, keepdims=True)

    found = (rest[:, 1:] * rest[:, :-1]).mean() / rest.var()
    assert found == pytest.approx(laws.persistence, abs=0.1)
    assert rest.std() == pytest.approx(laws.noise, rel=0.1)


def test_values_are_missing_with_their_probability() -> None:
    n = MADE.is_missing.size
    error = 4 * np.sqrt(LAWS.missing / n)

    assert MADE.is_missing.mean() == pytest.approx(LAWS.missing, abs=error)


def test_more_countries_than_names_are_refused() -> None:
    with pytest.raises(ValueError, match="80 countries at most"):
        indicators(Parameters(indicators=IndicatorLaws(countries=81)))
