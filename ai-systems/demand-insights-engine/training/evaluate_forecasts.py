"""How well forecasts of demand-insights-engine do on the M4 competition's series, beside baselines.

Members of the combination are chosen on origins before the test, never on the test itself. All of
it is measured a second time without the series whose test nearly recurs in another one
(`recurrence`): who pools series could have seen their future.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import calibrated
import m4
import numpy as np
from recurrence import recurs

from forecasting import measures
from forecasting.exponential import holt, ses
from forecasting.forecast import forecast
from forecasting.matrix import Floats, Mask, align
from forecasting.naive import naive2, seasonal_naive
from forecasting.theta import theta

FILE = "m4_Weekly-train.csv.gz"
OURS = "ours"
NAIVE2, SEASONAL_NAIVE = "Naive2", "seasonal naive"
_MOST_VALUES = 3000  # of a series that forecasts read: more than any in the weekly file
_MOST_CELLS = 20_000_000  # of all series
_RESAMPLES = 1000


def m4_file(given: Path | None) -> Path:
    """The file of training values given, or the weekly one in FLEET_DATA_DIR. Raises M4Error."""
    if given is not None:
        return given
    file = Path(os.environ.get("FLEET_DATA_DIR", ""), FILE)
    if not file.is_file():
        raise m4.M4Error(
            f"no series: set FLEET_DATA_DIR to a folder with {FILE}, or DATA to a file"
        )
    return file


def evaluate(train: Path) -> dict[str, Any]:
    """OWA, sMAPE and MASE of the combination and its baselines. Raises M4Error."""
    frequency = m4.frequency(train)
    past, future = m4.read(train), m4.read(m4.test_file(train))
    names = [name for name in past if name in future]
    if not names:
        raise m4.M4Error(f"{train} and its file of test values have no series in common")
    most = min(_MOST_VALUES, max(_MOST_CELLS // len(names), 1))
    history = align([past[name] for name in names], most)
    actual = np.full((len(names), frequency.horizon), np.nan)
    for row, name in zip(actual, names, strict=True):
        values = future[name][: len(row)]
        row[: len(values)] = values
    steps, period = frequency.horizon, max(frequency.periods, default=1)
    sys.stderr.write(f"forecasting {len(names):,} series, {steps} steps ahead\n")
    is_demand = bool((history[~np.isnan(history)] >= 0).all())
    found = forecast(history, steps, frequency.periods, is_demand=is_demand)
    reference = partial(naive2, horizon=steps, period=frequency.measured)
    scale = measures.naive_scale(history, frequency.measured)
    points = {
        OURS: found.median,
        "level (SES)": ses(history).forecast(steps),
        "damped trend (Holt)": holt(history).forecast(steps),
        "Theta": theta(history, steps),
        SEASONAL_NAIVE: seasonal_naive(history, steps, period),
        NAIVE2: reference(history),
    }
    sys.stderr.write("comparing quantiles, and looking for tests that recur\n")
    members = {
        NAIVE2: reference,
        SEASONAL_NAIVE: partial(seasonal_naive, horizon=steps, period=period),
    }
    spreads = {OURS: found.quantiles} | {
        name: calibrated.quantiles(one, history, steps, found.levels, is_demand=is_demand)
        for name, one in members.items()
    }
    results = _Results(actual, scale, points, spreads, found.levels)
    twice = recurs(history, actual)
    return {
        "series": len(names),
        "members": {" + ".join(one): count for one, count in Counter(found.members).most_common()},
        "share answered by the seasonal naive": round(float(found.baseline_wins.mean()), 3),
        **results.measured(np.ones(len(names), dtype=bool)),
        "series whose test recurs": None if twice is None else int(twice.sum()),
        "without them": None if twice is None or twice.all() else results.measured(~twice),
    }


@dataclass(frozen=True)
class _Results:
    """Forecasts of all methods, and what came."""

    actual: Floats
    scale: Floats
    points: Mapping[str, Floats]
    spreads: Mapping[str, Floats]
    levels: Sequence[float]

    def measured(self, series: Mask) -> dict[str, Any]:
        """All measures of some of the series."""
        actual, scale = self.actual[series], self.scale[series]
        reference = self.points[NAIVE2][series]
        lower, upper = (self.levels.index(level) for level in (0.1, 0.9))
        return {
            "models": {
                name: _measured(actual, one[series], reference, scale)
                for name, one in self.points.items()
            },
            "quantiles": {
                name: {
                    "pinball": round(calibrated.loss(actual, one[series], self.levels, scale), 4),
                    "coverage of 80 % intervals": round(
                        measures.coverage(
                            actual, one[series][:, :, lower], one[series][:, :, upper]
                        ),
                        4,
                    ),
                }
                for name, one in self.spreads.items()
            },
        }


def _measured(actual: Floats, one: Floats, reference: Floats, scale: Floats) -> dict[str, Any]:
    errors = [
        values
        for each in (one, reference)
        for values in (measures.smape(actual, each), measures.mase(actual, each, scale))
    ]
    random = np.random.Generator(np.random.PCG64(1))
    drawn = [
        measures.owa(*(values[rows] for values in errors))
        for rows in random.integers(0, len(actual), (_RESAMPLES, len(actual)))
    ]
    return {
        "OWA": round(measures.owa(*errors), 4),
        "95 % interval": [round(float(bound), 4) for bound in np.quantile(drawn, (0.025, 0.975))],
        "sMAPE": round(float(np.nanmean(errors[0])), 4),
        "MASE": round(float(np.nanmean(errors[1])), 4),
    }


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found, as text."""
    yield f"{found['series']:,} series"
    for members, count in found["members"].items():
        yield f"{count:,} by the median of {members}"
    yield from _table(found)
    twice = found["series whose test recurs"]
    if twice is None:
        yield "too many series to look for tests that recur in another one"
    else:
        yield f"without {twice:,} series whose test nearly recurs in another one:"
        yield from _table(found["without them"] or {"models": {}, "quantiles": {}})


def _table(found: Mapping[str, Any]) -> Iterable[str]:
    for name, one in found["models"].items():
        low, high = one["95 % interval"]
        yield (
            f"{name:20} OWA {one['OWA']:.3f} ({low:.3f} to {high:.3f})  "
            f"sMAPE {one['sMAPE']:.3f}  MASE {one['MASE']:.3f}"
        )
    for name, one in found["quantiles"].items():
        covered = one["coverage of 80 % intervals"]
        yield f"{name:20} pinball loss {one['pinball']:.4f}  80 % intervals cover {covered:.1%}"
