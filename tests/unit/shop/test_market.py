from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop.market import TRADING_DAYS, market
from shop.parameters import MarketLaws, Parameters

STEADY = MarketLaws(years=25, breaks=())
MARKET = market(Parameters(market=STEADY))
BROKEN = market(Parameters())


def autocorrelation(values: np.ndarray, lag: int = 1) -> float:
    return float(np.corrcoef(values[lag:], values[:-lag])[0, 1])


def test_days_are_the_weekdays_up_to_the_end_of_the_period() -> None:
    assert np.is_busday(MARKET.days).all()
    assert str(MARKET.days[-1]) == "2024-12-31"
    assert str(MARKET.days[0]) == "2000-01-03"
    assert len(MARKET.days) == pytest.approx(STEADY.years * 261, abs=25)


def test_standardized_returns_are_white_and_normal() -> None:
    z = (MARKET.returns - STEADY.drift) / np.sqrt(MARKET.variance)
    error = 4 / np.sqrt(len(z))

    assert z.mean(axis=0) == pytest.approx(0, abs=error)
    assert z.std(axis=0) == pytest.approx(1, abs=error)
    for series in z.T:
        assert autocorrelation(series) == pytest.approx(0, abs=error)
        assert autocorrelation(series**2) == pytest.approx(0, abs=error)


def test_volatility_clusters_and_has_its_level() -> None:
    for series in MARKET.returns.T:
        assert autocorrelation((series - STEADY.drift) ** 2) > 4 / np.sqrt(len(series))
    yearly = np.sqrt(MARKET.returns.var() * TRADING_DAYS)
    assert yearly == pytest.approx(STEADY.volatility, rel=0.1)


def test_variance_follows_the_parameters() -> None:
    """The regression of h on squared shock and h of the day before is exact."""
    h, squared = MARKET.variance, (MARKET.returns - STEADY.drift) ** 2
    design = np.column_stack([np.ones(h[1:, 0].shape), squared[:-1, 0], h[:-1, 0]])

    (_, arch, garch), *_ = np.linalg.lstsq(design, h[1:, 0], rcond=None)

    assert (arch, garch) == (pytest.approx(STEADY.arch), pytest.approx(STEADY.garch))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_series_are_correlated_as_asked(correlation: float) -> None:
    made = market(Parameters(market=replace(STEADY, correlation=correlation)))
    z = (made.returns - STEADY.drift) / np.sqrt(made.variance)

    found = np.corrcoef(z.T)[np.triu_indices(5, 1)]

    error = 4 * (1 - correlation**2) / np.sqrt(len(z))
    assert found == pytest.approx(correlation, abs=error)


def test_breaks_change_the_level_of_volatility() -> None:
    laws = MarketLaws()
    first, second = BROKEN.breaks
    calm, wild, after = np.split(BROKEN.returns, [first, second])

    assert (first, second) == (round(0.4 * len(BROKEN.days)), round(0.6 * len(BROKEN.days)))
    assert np.sqrt(calm.var() * TRADING_DAYS) == pytest.approx(laws.volatility, rel=0.25)
    assert wild.std() / calm.std() == pytest.approx(2, rel=0.25)
    assert wild.std() / after[100:].std() == pytest.approx(2, rel=0.25)


def test_prices_are_consistent_cents() -> None:
    for made in (MARKET, BROKEN):
        assert (made.low >= 1).all()
        assert (made.low <= np.minimum(made.open, made.close)).all()
        assert (made.high >= np.maximum(made.open, made.close)).all()
        assert (made.volume > 0).all()
    change = np.diff(np.log(BROKEN.close), axis=0)
    # Rounded to a cent.
    assert np.allclose(change, BROKEN.returns[1:], atol=1.5 / BROKEN.close.min())
