"""Members are chosen on the past, by what their medians missed."""

from __future__ import annotations

import numpy as np

from forecasting import combination
from forecasting.combination import Backtest
from forecasting.members import BASELINE, Panel

ACTUAL = np.array([[10.0, 20, 30], [1.0, 2, np.nan]])
ROWS = np.array([[0.0], [1.0]])
PAST = Backtest(
    ACTUAL, np.ones(2), {"good": ACTUAL + 1, "bad": ACTUAL + 9, BASELINE: ACTUAL + 5 * ROWS}
)


def test_the_least_error_wins() -> None:
    assert combination.choose(PAST, ["good", "bad"]) == ("good",)


def test_opposite_errors_make_a_median() -> None:
    past = Backtest(ACTUAL, np.ones(2), {"high": ACTUAL + 3, "low": ACTUAL - 3})
    assert combination.choose(past, ["high", "low"]) == ("high", "low")


def test_the_baseline_wins_where_it_was_better() -> None:
    assert combination.baseline_wins(PAST, ("good",)).tolist() == [True, False]


def test_scales_of_hostile_series() -> None:
    series = np.array([[1.0, 3, 5], [4, 4, 4], [0, 0, 0], [np.nan] * 3])
    assert combination.scale_of(series).tolist() == [2, 4, 1, 1]


def test_a_backtest_knows_nothing_of_the_future() -> None:
    history = np.random.default_rng(1).gamma(2, 10, (4, 30))
    changed = history.copy()
    changed[:, -2:] *= 9
    panel = Panel(2, is_demand=True)
    before, after = (combination.backtest(one, panel) for one in (history, changed))
    assert before is not None
    assert after is not None
    for name, found in before.forecasts.items():
        np.testing.assert_array_equal(found[:, :6], after.forecasts[name][:, :6], err_msg=name)


def test_a_short_history_has_no_backtest() -> None:
    assert combination.backtest(np.ones((2, 8)), Panel(1)) is None
