"""The front door: laws of its answers, hostile series, and errors that name what was found."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.forecast import forecast

NAN = np.nan
DEMAND = np.random.default_rng(1).poisson(4, (6, 40)).astype(float)


def test_an_answer_has_ordered_quantiles_and_two_middles() -> None:
    found = forecast(DEMAND, 3, (4,))
    assert found.quantiles.shape == (6, 3, len(found.levels))
    assert (np.diff(found.quantiles, axis=2) >= 0).all()
    assert (found.quantiles >= 0).all()
    np.testing.assert_array_equal(found.quantiles[:, :, found.levels.index(0.5)], found.median)
    assert found.mean.shape == found.median.shape == found.components.season.shape
    assert found.members
    assert not found.warnings
    np.testing.assert_array_equal(
        found.median[found.baseline_wins], found.baseline[found.baseline_wins]
    )


def test_hostile_series_beside_others() -> None:
    history = np.vstack([DEMAND, np.zeros(40), np.full(40, 7.0), np.full(40, NAN), DEMAND[0]])
    history[-1, -15:] = 0
    history[0, 5:9], history[1, :-1] = NAN, NAN
    history[2] *= 1e12
    found = forecast(history, 3)
    assert np.isnan(found.median[8]).all()
    answered = np.delete(np.arange(10), 8)
    assert np.isfinite(found.quantiles[answered]).all()
    np.testing.assert_allclose(found.median[6], 0)
    np.testing.assert_allclose(found.median[7], 7)


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 6, 7]])
def test_a_short_history_has_the_baseline_and_a_warning(values: list[float]) -> None:
    found = forecast(np.array([values]), 2)
    assert found.baseline_wins.all()
    assert "too short" in found.warnings[0]
    np.testing.assert_array_equal(found.median, np.full((1, 2), values[-1] if values else NAN))


@pytest.mark.parametrize(
    ("history", "given", "message"),
    [
        ([[1, -1]], {}, "series 0 has a negative value"),
        ([[1, 1], [1, np.inf]], {}, "series 1 has an infinite value"),
        ([[1, 1]], {"horizon": 0}, "1 step or more, not 0"),
        ([[1, 1]], {"levels": (0.5, 0.1)}, "ascend between 0 and 1: 0.5, 0.1"),
        ([1, 1], {}, "has 1 dimensions"),
    ],
)
def test_errors_name_what_was_found(history, given, message) -> None:
    with pytest.raises(ValueError, match=message):
        forecast(np.array(history, dtype=float), **{"horizon": 2, **given})
