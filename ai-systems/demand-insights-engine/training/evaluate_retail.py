"""How well forecasts of demand-insights-engine do on retail lines, beside baselines.

Protocol: demand of whole weeks from Monday on, of goods sold in at least nine tenths of the weeks
before the first origin. Origins are 12, 8 and 4 weeks before the end; each forecasts 4 weeks, and
everything, the members too, is fitted again on the weeks before it. Errors are scaled by the
in-sample naive error of one step. Of Online Retail's 52 weeks that makes 651 goods that sold in 36
of the first 40 weeks, and the origins 40, 44 and 48. All figures are means over the three origins.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import calibrated
import lines as retail
import numpy as np

from forecasting import measures
from forecasting.exponential import ses
from forecasting.forecast import Forecast, forecast
from forecasting.intermittent import tsb
from forecasting.matrix import Floats
from forecasting.members import Member
from forecasting.naive import seasonal_naive

HORIZON = 4
YEAR = 52
LEAST_WEEKS = 24
MEDIAN, MEAN = "median", "mean"
SES, TSB, NAIVE = "level (SES)", "TSB", "seasonal naive"
_BACK = (12, 8, 4)
_SHARE_SOLD = 0.9


def evaluate(file: Path | None) -> dict[str, Any]:
    """Measures of the median, the mean and the baselines, of Online Retail unless a file is given.

    Raises LinesError.
    """
    given = retail.retail_file(file)
    units = goods(retail.weekly(retail.read(given)).units)
    columns = units.shape[1]
    found = [_measured(units, columns - back) for back in _BACK]
    names = {name: found[0]["models"][name] for name in found[0]["models"]}
    return {
        "file": given.name,
        "series": len(units),
        "origins": [columns - back for back in _BACK],
        "members": _members(one["members"] for one in found),
        "models": {
            name: {
                measure: round(float(np.mean([one["models"][name][measure] for one in found])), 4)
                for measure in measured
            }
            for name, measured in names.items()
        },
    }


def goods(units: Floats) -> Floats:
    """The products that the protocol takes. Raises LinesError where it takes none."""
    first = units.shape[1] - _BACK[0]
    if units.shape[1] < LEAST_WEEKS:
        raise retail.LinesError(f"{units.shape[1]} whole weeks; {LEAST_WEEKS} are needed")
    sold = (np.nan_to_num(units[:, :first]) > 0).sum(axis=1) >= _SHARE_SOLD * first
    if not sold.any():
        raise retail.LinesError(f"no product sold in nine tenths of the first {first} weeks")
    taken: Floats = units[sold]
    return taken


def _measured(units: Floats, origin: int) -> dict[str, Any]:
    sys.stderr.write(f"forecasting {len(units):,} products from week {origin} on\n")
    history, actual = units[:, :origin], units[:, origin : origin + HORIZON]
    scale = measures.naive_scale(history)
    periods = (YEAR,) if origin >= 2 * YEAR else ()
    found = forecast(history, HORIZON, periods)
    baselines: dict[str, Member] = {
        SES: lambda past: ses(past).forecast(HORIZON),
        TSB: partial(tsb, horizon=HORIZON),
        NAIVE: partial(seasonal_naive, horizon=HORIZON, period=max(periods, default=1)),
    }
    models = {
        MEDIAN: {**_point(actual, found.median, scale), **_spread(actual, found, scale)},
        MEAN: _point(actual, found.mean, scale),
    }
    for name, member in baselines.items():
        quantiles = calibrated.quantiles(member, history, HORIZON, found.levels, is_demand=True)
        models[name] = {
            **_point(actual, member(history), scale),
            "pinball": calibrated.loss(actual, quantiles, found.levels, scale),
            "coverage": _coverage(actual, quantiles, found.levels),
        }
    return {"members": found.members, "models": models}


def _point(actual: Floats, found: Floats, scale: Floats) -> dict[str, float]:
    return {
        "MASE": float(np.nanmean(measures.mase(actual, found, scale))),
        "bias": measures.bias(actual, found),
    }


def _spread(actual: Floats, found: Forecast, scale: Floats) -> dict[str, float]:
    return {
        "pinball": calibrated.loss(actual, found.quantiles, found.levels, scale),
        "coverage": _coverage(actual, found.quantiles, found.levels),
    }


def _coverage(actual: Floats, quantiles: Floats, levels: Sequence[float]) -> float:
    """Of the 80 % interval."""
    lower, upper = (quantiles[:, :, levels.index(level)] for level in (0.1, 0.9))
    return measures.coverage(actual, lower, upper)


def _members(origins: Iterable[Sequence[tuple[str, ...]]]) -> dict[str, int]:
    counts = Counter(" + ".join(one) for members in origins for one in members)
    return dict(counts.most_common())


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found, as text."""
    origins = ", ".join(map(str, found["origins"]))
    yield f"{found['file']}: {found['series']:,} products, {HORIZON} weeks from weeks {origins} on"
    yield ""
    yield f"{'':<18}{'MASE':>8}{'bias':>9}{'pinball':>9}{'80 % intervals cover':>22}"
    for name, one in found["models"].items():
        text = f"{name:<18}{one['MASE']:>8.3f}{one['bias']:>+9.1%}"
        if "pinball" in one:
            text += f"{one['pinball']:>9.4f}{one['coverage']:>22.1%}"
        yield text
    models = found["models"]
    better = min(models[SES]["MASE"], models[TSB]["MASE"])
    yield ""
    yield f"the median's MASE is {models[MEDIAN]['MASE'] / better:.3f} of the better of SES and TSB"
    for members, count in found["members"].items():
        yield f"{count:,} by the median of {members}"
