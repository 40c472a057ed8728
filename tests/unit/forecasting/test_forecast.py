"""The front door: quantiles, means, and honest answers to poor histories."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting import forecast as front_door
from forecasting.forecast import GAPS, NO_VALUES, SHORT, Forecast
from forecasting.matrix import Floats
from forecasting.measures import bias, coverage
from forecasting.quantiles import LEVELS


def forecast(history: Floats, horizon: int, period: int, **given) -> Forecast:
    """Without boosting, which takes seconds."""
    periods = (period,) if period > 1 else ()
    return front_door.forecast(history, horizon, periods, has_boosting=False, **given)


def demand(rate: float, series: int, columns: int, seed: int = 3) -> Floats:
    random = np.random.Generator(np.random.PCG64(seed))
    return random.poisson(rate, (series, columns)).astype(float)


HISTORIES = arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(0, 40)),
    elements=st.one_of(st.just(float("nan")), st.just(0.0), st.floats(0, 1e15)),
)


@given(HISTORIES, st.integers(1, 6), st.integers(1, 8))
@settings(max_examples=60)
def test_quantiles_of_any_demand_are_finite_ordered_and_not_negative(history, horizon, period):
    found = forecast(history, horizon, period, is_demand=True)

    assert found.quantiles.shape == (len(history), horizon, len(LEVELS))
    has_values = (
        ~np.isnan(history).all(axis=1) if history.shape[1] else np.zeros(len(history), bool)
    )
    for values in (found.quantiles, found.median, found.mean, found.baseline):
        assert np.isfinite(values[has_values]).all()
        assert (values[has_values] >= 0).all()
        assert np.isnan(values[~has_values]).all()
    assert (np.diff(found.quantiles[has_values], axis=2) >= 0).all()
    assert len(found.warnings) == len(found.classes) == len(found.members) == len(history)


def test_intervals_hold_what_they_say():
    history = demand(6, 400, 64)

    found = forecast(history[:, :60], 4, 1, is_demand=True)

    lower, upper = found.quantiles[:, :, 1], found.quantiles[:, :, 5]
    assert 0.75 < coverage(history[:, 60:], lower, upper) < 0.92
    assert found.mean.mean() == pytest.approx(6, rel=0.05)


def test_the_median_of_intermittent_demand_is_below_its_mean():
    history = demand(0.3, 300, 60)

    found = forecast(history, 4, 1, is_demand=True)

    assert found.median.mean() < 0.2
    assert found.mean.mean() == pytest.approx(0.3, rel=0.15)
    assert set(found.classes) <= {"intermittent", "lumpy"}


def test_the_mean_follows_growth_that_no_series_shows_alone():
    random = np.random.Generator(np.random.PCG64(6))
    rates = np.exp(random.normal(1, 0.5, (600, 1))) * 1.02 ** np.arange(64)
    history = random.poisson(rates).astype(float)

    found = forecast(history[:, :60], 4, 1, is_demand=True)

    assert abs(bias(history[:, 60:], found.mean)) < 0.03


def test_a_forecast_knows_the_past_only():
    history = demand(20, 5, 60)
    later = np.hstack([history, np.full((5, 3), 1e6)])

    first, again = (forecast(one, 4, 7, is_demand=True) for one in (history, later[:, :60]))

    assert np.array_equal(first.quantiles, again.quantiles)


def test_a_scale_is_kept():
    history = demand(20, 5, 60)

    few, many = (forecast(history * scale, 4, 7, is_demand=True) for scale in (1, 1024))

    assert many.quantiles == pytest.approx(few.quantiles * 1024)
    assert many.members == few.members


def test_series_without_limits_may_be_negative():
    random = np.random.Generator(np.random.PCG64(4))

    found = forecast(random.normal(0, 1, (3, 50)), 4, 1, is_demand=False)

    assert (found.quantiles[:, :, 0] < 0).all()


@pytest.mark.parametrize(
    ("history", "warning"),
    [
        ([[]], NO_VALUES),
        ([[np.nan, np.nan]], NO_VALUES),
        ([[7.0]], SHORT),
        ([[7.0, 8, 9]], SHORT),
        ([[7.0] * 20 + [np.nan] + [7.0] * 20], GAPS),
        ([[7.0] * 40], ""),
    ],
    ids=["no column", "unknown", "one value", "three values", "a gap", "level"],
)
def test_what_a_forecast_cannot_rest_on_is_said(history, warning):
    found = forecast(np.array(history), 4, 7, is_demand=True)

    assert found.warnings == (warning,)


def test_a_level_has_no_width():
    found = forecast(np.full((1, 40), 7.0), 4, 7, is_demand=True)

    assert found.quantiles == pytest.approx(7)
    assert found.mean == pytest.approx(7)


def test_a_guess_of_an_interval_widens():
    found = forecast(np.array([[7.0]]), 4, 7, is_demand=True)

    width = found.quantiles[0, :, -1] - found.quantiles[0, :, 0]
    assert (np.diff(width) > 0).all()
    assert found.baseline_wins.all()


@pytest.mark.parametrize(
    ("history", "horizon", "message"),
    [
        ([[1.0, -1]], 4, "series 0 has a negative value"),
        ([[1.0, 1], [1.0, 1e16]], 4, "series 1 has the value 1e\\+16"),
        ([[1.0, np.inf]], 4, "inf"),
        ([[1.0]], 0, "1 step or more, not 0"),
    ],
)
def test_what_cannot_be_forecast_is_refused(history, horizon, message):
    with pytest.raises(ValueError, match=message):
        forecast(np.array(history), horizon, 7, is_demand=True)


def test_levels_must_ascend():
    with pytest.raises(ValueError, match=r"ascend between 0 and 1: 0\.5, 0\.1"):
        front_door.forecast(np.ones((1, 9)), 1, levels=(0.5, 0.1))


def test_components_and_errors_are_those_of_each_series():
    history = demand(20, 3, 60) + np.tile([0.0, 10, 20, 30], 15)

    found = forecast(history, 4, 4, is_demand=True)

    assert found.components.level.shape == (3,)
    assert (found.components.season[:, 3] > found.components.season[:, 0]).all()
    assert (found.error < found.baseline_error).any()


def test_boosting_is_a_member():
    history = demand(20, 30, 40)

    found = front_door.forecast(history, 2, (4,))

    assert np.isfinite(found.quantiles).all()
    assert np.isfinite(found.mean).all()


def test_what_was_forecast_of_past_demand_is_never_negative() -> None:
    falling = np.maximum(100 - 2.0 * np.arange(60), 0)[None] * np.ones((30, 1))

    found = forecast(falling, 13, 1)

    assert np.nanmin(found.past.median) >= 0
    assert (found.quantiles >= 0).all()
