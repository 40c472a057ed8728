"""A prior tells what single and short series do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.forecast import SHORT, SHORT_BUT_BELIEVED, forecast
from forecasting.members import BASELINE
from forecasting.prior import FEW, Belief, Prior, class_names, quantiles
from forecasting.profile import Kind
from forecasting.quantiles import LEVELS

LEVEL, TREND = ("level",), ("damped trend",)
ERRORS = tuple(np.linspace(-2, 3, 41).tolist())


def belief(**changes) -> Belief:
    candidates = {LEVEL: 0.8, TREND: 0.82, (BASELINE,): 1.0}
    given = {"candidates": {1: candidates, 2: candidates}, "size": 1.0, "growth": 0.5}
    return Belief(**{**given, "errors": ERRORS, **changes})


def prior(one: Belief) -> Prior:
    names = [f"{size} {kind}" for size in ("short", "long") for kind in (*Kind, "other")]
    return Prior(dict.fromkeys([*names, "none"], one))


def alone(history, one=None, **given):
    values = np.atleast_2d(np.asarray(history, dtype=float))
    given = {"has_boosting": False, "prior": one and prior(one), **given}
    return forecast(values, 4, **given)


def test_a_prior_is_read_as_it_was_written():
    written = prior(belief(growth=0.25))
    assert Prior.from_json(written.to_json()) == written
    assert Prior.from_json(written.to_json()).to_json() == written.to_json()


def test_classes_tell_short_series_and_series_that_are_not_demand():
    history = np.full((3, 40), np.nan)
    history[0], history[1, -5:], history[2, -5:] = 3.0, 3.0, 0.0
    kinds = ["smooth", "smooth", "none"]
    assert class_names(history, kinds, is_demand=True) == ["long smooth", "short smooth", "none"]
    assert class_names(history, kinds, is_demand=False)[1:] == ["short other", "short other"]


@pytest.mark.parametrize("values", [[5.0], [5, 7, 6], [1, 2, 3, 4, 5, 6, 7]])
def test_a_short_series_has_the_method_of_its_class(values):
    found = alone(values, belief())
    assert found.members == (LEVEL,)
    assert found.warnings == (SHORT_BUT_BELIEVED,)
    assert not found.baseline_wins.any()
    without = alone(values)
    assert without.members == ((BASELINE,),)
    assert without.warnings == (SHORT,)


def test_widths_grow_as_the_belief_says():
    one = belief(growth=0.5, errors=tuple(np.linspace(-1, 1, 41)))
    centre, none = np.zeros((1, 4)), np.full((1, 0, 4), np.nan)
    found = quantiles([one], centre, np.array([3.0]), none, (0.1, 0.9))
    np.testing.assert_allclose(found[0, :, 1] / found[0, 0, 1], np.sqrt([1, 2, 3, 4]))
    np.testing.assert_allclose(found[0, :, 0], -found[0, :, 1])


def test_own_errors_move_the_interval_away_from_the_belief():
    centre, size = np.zeros((1, 2)), np.ones(1)
    small, large = (np.full((1, 10, 2), error) * [[1, -1]] for error in (0.01, 9.0))
    narrow, wide = (
        quantiles([belief()], centre, size, errors, (0.1, 0.9)) for errors in (small, large)
    )
    assert narrow[0, 0, 1] < wide[0, 0, 1]


def test_a_clear_past_beats_the_belief():
    assert alone(np.arange(1.0, 49) * 7, belief()).members == (TREND,)
    assert alone(np.random.default_rng(1).poisson(9, 48), belief()).members == (LEVEL,)


def test_many_series_go_by_themselves():
    random = np.random.default_rng(1)
    panel = random.poisson(9, (FEW, 60)).astype(float)
    without, given = alone(panel), alone(panel, belief())
    assert without.members == given.members
    np.testing.assert_array_equal(without.quantiles, given.quantiles)
    few = alone(panel[: FEW - 1], belief())
    assert set(few.members) <= {LEVEL, TREND, (BASELINE,)}


def test_a_series_of_few_is_forecast_as_if_it_were_alone():
    panel = np.random.default_rng(1).poisson(9, (5, 40)).astype(float)
    together = alone(panel, belief())
    for row in range(len(panel)):
        np.testing.assert_allclose(
            together.quantiles[row], alone(panel[row], belief()).quantiles[0]
        )


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 2), st.integers(0, 30)),
        elements=st.one_of(st.just(float("nan")), st.just(0.0), st.floats(0, 1e15)),
    ),
    st.booleans(),
)
@settings(max_examples=40)
def test_quantiles_of_any_series_are_finite_and_ordered(history, is_demand):
    found = alone(history, belief(), is_demand=is_demand, periods=(4,))
    known = ~np.isnan(history).all(axis=1) if history.shape[1] else np.zeros(len(history), bool)
    assert found.quantiles.shape == (len(history), 4, len(LEVELS))
    for values in (found.quantiles, found.median, found.mean):
        assert np.isfinite(values[known]).all()
        assert np.isnan(values[~known]).all()
    assert (np.diff(found.quantiles[known], axis=2) >= 0).all()
