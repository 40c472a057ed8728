"""How well forecasts of demand-insights-engine do on the M4 competition's series, beside baselines.

Members of the combination are chosen on origins before the test, never on the test itself.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import m4
import numpy as np

from forecasting import measures
from forecasting.exponential import holt, ses
from forecasting.forecast import forecast
from forecasting.matrix import Floats, align
from forecasting.naive import naive2
from forecasting.theta import theta

FILE = "m4_Weekly-train.csv.gz"
OURS = "ours"
_MOST_VALUES = 3000  # of a series that forecasts read: more than any in the weekly file
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
    history = align([past[name] for name in names], _MOST_VALUES)
    actual = np.full((len(names), frequency.horizon), np.nan)
    for row, name in zip(actual, names, strict=True):
        values = future[name][: len(row)]
        row[: len(values)] = values
    is_demand = bool((history[~np.isnan(history)] >= 0).all())
    found = forecast(history, frequency.horizon, frequency.periods, is_demand=is_demand)
    steps = frequency.horizon
    others = {
        OURS: found.median,
        "level (SES)": ses(history).forecast(steps),
        "damped trend (Holt)": holt(history).forecast(steps),
        "Theta": theta(history, steps),
        "seasonal naive": found.baseline,
    }
    reference = naive2(history, steps, frequency.measured)
    scale = measures.naive_scale(history, frequency.measured)
    lower, upper = (found.quantiles[:, :, found.levels.index(level)] for level in (0.1, 0.9))
    return {
        "series": len(names),
        "members": {" + ".join(one): count for one, count in Counter(found.members).most_common()},
        "share answered by the seasonal naive": round(float(found.baseline_wins.mean()), 3),
        "models": {name: _measured(actual, one, reference, scale) for name, one in others.items()},
        "coverage of 80 % intervals": round(measures.coverage(actual, lower, upper), 4),
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
    for name, one in found["models"].items():
        low, high = one["95 % interval"]
        yield (
            f"{name:20} OWA {one['OWA']:.3f} ({low:.3f} to {high:.3f})  "
            f"sMAPE {one['sMAPE']:.3f}  MASE {one['MASE']:.3f}"
        )
    yield f"80 % intervals cover {found['coverage of 80 % intervals']:.1%}"
