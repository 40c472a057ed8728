from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop.economy import decay, economy
from shop.parameters import EconomicSeries, EconomyLaws, Parameters

LAWS = EconomyLaws()
MADE = economy(Parameters())
# Long enough for correlations.
LONG_LAWS = replace(LAWS, years=100)


def parts(made, laws: EconomyLaws, series: int, country: int) -> np.ndarray:
    """Level, trend a year, season and shock, as a regression finds them."""
    count = len(made.months)
    law = laws.series[series]
    values = made.values[series, country]
    angle = 2 * np.pi * (made.months.astype(int) % 12 + 1 - law.peak) / 12
    shape = decay(laws, made.shock[[country]], count)[0]
    design = np.column_stack([np.ones(count), np.arange(count) / 12, np.cos(angle), shape])
    target = np.log(values / 100) if law.is_index else values
    return np.linalg.lstsq(design, target, rcond=None)[0]


def test_a_value_is_of_a_series_a_country_and_a_month() -> None:
    assert MADE.values.shape == (len(LAWS.series), len(MADE.countries), 12 * LAWS.years)
    assert MADE.countries == tuple(name for name, _ in Parameters().customers.countries)
    assert (str(MADE.months[0]), str(MADE.months[-1])) == ("2015-01", "2024-12")
    assert np.array_equal(MADE.values, np.round(MADE.values, 1))
    assert (MADE.values >= 0).all()


@pytest.mark.parametrize("series", range(len(LAWS.series)), ids=lambda n: LAWS.series[n].name)
def test_regression_finds_the_parts(series: int) -> None:
    laws = replace(LAWS, years=30)
    made = economy(Parameters(economy=laws))
    law = laws.series[series]
    # The mean of autocorrelated noise scatters as if there were fewer months.
    months = len(made.months) * (1 - laws.persistence) / (1 + laws.persistence)
    error = 5 * law.noise / np.sqrt(months)
    for country in range(len(made.countries)):
        level, trend, season, shock = parts(made, laws, series, country)
        assert level == pytest.approx(made.level[series, country], abs=2 * error)
        assert trend == pytest.approx(made.trend[series, country], abs=error / 8)
        assert season == pytest.approx(law.season, abs=error)
        # It is seen in some of the months only.
        assert shock == pytest.approx(law.shock, abs=4 * law.noise)


def test_trends_levels_and_shocks_are_within_their_bounds() -> None:
    for number, law in enumerate(LAWS.series):
        assert ((law.level[0] <= MADE.level[number]) & (MADE.level[number] <= law.level[1])).all()
        assert ((law.trend[0] <= MADE.trend[number]) & (MADE.trend[number] <= law.trend[1])).all()
    begin, end = (part * len(MADE.months) for part in LAWS.shock_at)
    assert ((begin - 1 < MADE.shock) & (MADE.shock < end)).all()


def test_a_shock_fades_with_its_rate() -> None:
    left = decay(LAWS, np.array([30]), 60)[0]

    assert (left[:30] == 0).all()
    assert left[30] == 1
    assert left[31:] / left[30:-1] == pytest.approx(np.exp(-1 / LAWS.recovery))


def test_values_are_the_parts_and_the_noise() -> None:
    for number, law in enumerate(LAWS.series):
        total = np.log(MADE.values[number] / 100) if law.is_index else MADE.values[number]
        angle = 2 * np.pi * (MADE.months.astype(int) % 12 + 1 - law.peak) / 12
        known = (
            MADE.level[number][:, None]
            + MADE.trend[number][:, None] * np.arange(len(MADE.months)) / 12
            + law.season * np.cos(angle)
            + law.shock * decay(LAWS, MADE.shock, len(MADE.months))
        )
        rounding = 0.06 / 50 if law.is_index else 0.06
        assert total - known == pytest.approx(law.noise * MADE.noise[number], abs=rounding)


@pytest.mark.parametrize("persistence", [0.0, 0.7])
def test_noise_has_its_autocorrelation_and_the_variance_one(persistence: float) -> None:
    made = economy(Parameters(economy=replace(LONG_LAWS, persistence=persistence)))
    noise = made.noise

    found = (noise[..., 1:] * noise[..., :-1]).mean() / (noise**2).mean()

    assert found == pytest.approx(persistence, abs=0.03)
    assert noise.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_series_and_countries_are_correlated_as_asked(correlation: float) -> None:
    laws = replace(LONG_LAWS, correlation=correlation)
    noise = economy(Parameters(economy=laws)).noise
    series, countries, months = noise.shape
    found = np.corrcoef(noise.reshape(series * countries, months))

    cycle = np.array([law.cycle for law in laws.series])
    within = np.where(np.eye(series, dtype=bool), 1, np.outer(cycle, cycle))
    between = np.where(np.eye(countries, dtype=bool), 1, correlation)
    assert found == pytest.approx(np.kron(within, between), abs=0.16)


def test_a_series_may_have_no_noise_and_never_falls_below_zero() -> None:
    falling = EconomicSeries("orders", False, (5, 5), (-2, -2), 0, 1, 0, noise=0, cycle=0)
    made = economy(Parameters(economy=EconomyLaws(series=(falling,), years=4)))

    assert made.values[0, 0, [0, 12, 47]].tolist() == [5, 3, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"persistence": 1.0}, "persistence"), ({"correlation": -0.1}, "correlation")],
)
def test_impossible_laws_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(LAWS, **change)


def test_a_loading_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unemployment: cycle must be in \[-1, 1\]"):
        replace(LAWS.series[2], cycle=-1.1)
