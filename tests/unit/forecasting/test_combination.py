"""Members are chosen on the past, by what their medians missed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting import combination
from forecasting.combination import Backtest, backtest, baseline_wins, choose, median
from forecasting.matrix import Floats
from forecasting.members import BASELINE, Panel

ACTUAL = np.array([[[10.0, 20], [30, 10]], [[1.0, 2], [3, np.nan]]])
PAST = Backtest(ACTUAL, np.ones(2), {"good": ACTUAL + 1, "bad": ACTUAL + 9, BASELINE: ACTUAL + 5})
VALUES = st.floats(-1e9, 1e9)
PLAIN = Panel(5, has_boosting=False)


def noise(series: int, columns: int = 40) -> Floats:
    return np.random.default_rng(2).normal(10, 1, (series, columns))


def test_the_least_error_wins() -> None:
    assert choose(PAST, ["smooth", "lumpy"], ["good", "bad"], power=1) == [("good",)] * 2


def test_opposite_errors_make_a_median() -> None:
    past = Backtest(
        ACTUAL, np.ones(2), {"high": ACTUAL + 3, "low": ACTUAL - 3, BASELINE: ACTUAL + 5}
    )
    assert choose(past, ["a", "a"], ["high", "low"], power=1) == [("high", "low")] * 2


def test_squares_choose_what_seldom_misses_much() -> None:
    zero = np.zeros((1, 1, 10))
    seldom = np.where(np.arange(10) == 0, 15.0, 0.0)[None, None]
    past = Backtest(zero, np.ones(1), {"often": zero + 2, "seldom": seldom, BASELINE: zero + 50})
    assert choose(past, ["a"], ["often", "seldom"], power=1) == [("seldom",)]
    assert choose(past, ["a"], ["often", "seldom"], power=2) == [("often",)]


def test_a_class_of_many_series_chooses_for_itself() -> None:
    actual = np.zeros((60, 2, 3))
    low, high = actual.copy(), actual.copy()
    low[30:], high[:30] = 50, 50
    past = Backtest(actual, np.ones(60), {"low": low, "high": high, BASELINE: actual + 9})
    chosen = choose(past, ["a"] * 30 + ["b"] * 30, ["low", "high"], power=1)
    assert chosen == [("low",)] * 30 + [("high",)] * 30


def test_without_a_past_the_baseline_is_taken() -> None:
    past = backtest(noise(1, 6), PLAIN)
    assert not past.judged.any()
    assert choose(past, ["smooth"], ["level"], power=1) == [(BASELINE,)]


def test_the_baseline_wins_where_it_was_better_at_every_origin() -> None:
    ours = ACTUAL + np.array([9.0, 9])[:, None]
    once = ACTUAL + np.array([9.0, 1])[:, None]
    past = Backtest(ACTUAL, np.ones(2), {"always": ours, "once": once, BASELINE: ACTUAL + 5})
    assert baseline_wins(past, [("always",), ("once",)]).tolist() == [True, False]


def test_one_origin_decides_nothing() -> None:
    past = Backtest(ACTUAL[:, :1], np.ones(2), {"bad": ACTUAL[:, :1] + 9, BASELINE: ACTUAL[:, :1]})
    assert not baseline_wins(past, [("bad",)] * 2).any()


def test_scales_of_hostile_series() -> None:
    series = np.array([[1.0, 3, 5], [4, 4, 4], [0, 0, 0], [np.nan] * 3])
    assert combination.scale_of(series).tolist() == [2, 4, 1, 1]


def test_origins_are_a_horizon_apart() -> None:
    history = noise(2)
    past = backtest(history, PLAIN)
    assert past.actual.shape == (2, 4, 5)
    assert np.array_equal(past.actual[:, -1], history[:, -5:])


def test_a_series_that_began_late_has_no_past() -> None:
    history = noise(2)
    history[1, :-6] = np.nan
    assert backtest(history, PLAIN).judged.tolist() == [True, False]


def test_a_backtest_knows_nothing_of_the_future() -> None:
    history = np.random.default_rng(1).gamma(2, 10, (4, 30))
    changed = history.copy()
    changed[:, -2:] *= 9
    panel = Panel(2, is_demand=True)
    before, after = (backtest(one, panel) for one in (history, changed))
    for name, found in before.forecasts.items():
        np.testing.assert_array_equal(found, after.forecasts[name], err_msg=name)


@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=VALUES))
def test_medians(values: Floats) -> None:
    members = dict(zip("abc", values, strict=False))
    np.testing.assert_allclose(median(members, list(members)), np.median(values, axis=0))


def test_a_median_with_an_unknown_member_is_unknown() -> None:
    members = {"a": np.ones(1), "b": np.full(1, np.nan), "c": np.full(1, 6.0)}
    for names in ("ab", "abc"):
        assert np.isnan(median(members, list(names))).all()
