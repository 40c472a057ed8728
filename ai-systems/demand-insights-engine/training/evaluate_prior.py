"""How well single series are forecast with the artefact's prior, and without it.

On built-in series that were held out, beside baselines whose intervals are a guess; and on other
series, each by itself, as if only its last values were known: with and without the prior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from data import HORIZON, Group
from errors import DataError

from forecasting import measures
from forecasting.combination import scale_of
from forecasting.exponential import ses
from forecasting.forecast import forecast
from forecasting.matrix import Floats
from forecasting.naive import seasonal_naive
from forecasting.prior import FEW, Prior
from forecasting.profile import profile
from forecasting.quantiles import LEVELS, conformal, error_size
from forecasting.theta import theta
from modelkit.card import Better, Values

ERROR, PINBALL, GAP = "scaled error", "scaled pinball loss", "80 % intervals off by"
BETTER: dict[str, Better] = {ERROR: "lower", PINBALL: "lower", GAP: "lower"}
BASELINES: dict[str, Callable[[Floats, int], Floats]] = {
    "seasonal naive": lambda history, period: seasonal_naive(history, HORIZON, period),
    "level (SES)": lambda history, _: ses(history).forecast(HORIZON),
    "Theta": lambda history, _: theta(history, HORIZON),
}
LENGTHS = (5, 12, 20, 30, 60, 104)
"""Values of a series that are taken as known."""
WITH, WITHOUT = "with the prior", "without it"

_HELD_OUT = 57  # series of each built-in group
_SERIES = 40  # of other data
_LARGEST = 20.0  # scaled error or loss that counts: no single series says what all are like
_LOW, _HIGH = LEVELS.index(0.1), LEVELS.index(0.9)

Quantiles = Floats
"""(series, steps, levels)."""


def held_out(prior: Prior, groups: Iterable[Group]) -> tuple[Values, dict[str, Values]]:
    """The metrics of a card and those of its baselines, on the first series of each group."""
    ours: list[tuple[Group, Floats, Quantiles]] = []
    others: dict[str, list[tuple[Group, Floats, Quantiles]]] = {name: [] for name in BASELINES}
    for whole in groups:
        group = Group(
            whole.period, whole.is_demand, whole.history[:_HELD_OUT], whole.future[:_HELD_OUT]
        )
        ours.append((group, *_forecast(group, prior)))
        kinds = [str(kind) for kind in profile(group.history).kinds]
        none = np.full((len(kinds), 0, HORIZON), np.nan)
        for name, method in BASELINES.items():
            centre = method(group.history, group.period)
            quantiles = conformal(centre, error_size(group.history), none, kinds, LEVELS)
            if group.is_demand:
                quantiles = np.maximum(quantiles, 0)
            others[name].append((group, centre, quantiles))
    return _metrics(ours), {name: _metrics(found) for name, found in others.items()}


def evaluate(prior: Prior, values: Floats, period: int, *, is_demand: bool) -> dict[str, Any]:
    """Series (series, time), a sample of them, each forecast by itself from its last values.

    Raises DataError where none is long enough.
    """
    known = ~np.isnan(values[:, -(HORIZON + min(LENGTHS)) :]).any(axis=1)
    if values.shape[1] < HORIZON + min(LENGTHS) or not known.any():
        raise DataError(
            f"no series has {HORIZON + min(LENGTHS)} values without a gap at its end, of which "
            f"{HORIZON} are forecast"
        )
    used = values[known][:: max(1, -(-int(known.sum()) // _SERIES))]
    longest = int((~np.isnan(used)).sum(axis=1).max()) - HORIZON
    lengths = [length for length in LENGTHS if length <= longest]
    return {"series": len(used)} | {
        f"last {length} values": _with_and_without(prior, used, length, period, is_demand)
        for length in lengths
    }


def _with_and_without(
    prior: Prior, values: Floats, length: int, period: int, is_demand: bool
) -> dict[str, Values]:
    history = values[:, -(HORIZON + length) : -HORIZON]
    group = Group(period, is_demand, history, values[:, -HORIZON:])
    return {
        name: _metrics([(group, *_forecast(group, given))])
        for name, given in ((WITH, prior), (WITHOUT, None))
    }


def _forecast(group: Group, prior: Prior | None) -> tuple[Floats, Quantiles]:
    """Median and quantiles of each series, as if it were alone: with a prior so are series of any
    panel of fewer than FEW."""
    periods = (group.period,) if group.period > 1 else ()
    together = FEW - 1 if prior else 1
    found = [
        forecast(
            group.history[start : start + together],
            HORIZON,
            periods,
            is_demand=group.is_demand,
            has_boosting=False,
            prior=prior,
        )
        for start in range(0, len(group.history), together)
    ]
    return (
        np.concatenate([one.median for one in found]),
        np.concatenate([one.quantiles for one in found]),
    )


def _metrics(found: Iterable[tuple[Group, Floats, Quantiles]]) -> Values:
    errors, losses, inside = [], [], []
    for group, median, quantiles in found:
        scale = scale_of(group.history)
        errors.append(measures.mase(group.future, median, scale))
        losses.append(measures.pinball(group.future, quantiles, LEVELS) / scale)
        lower, upper = quantiles[:, :, _LOW], quantiles[:, :, _HIGH]
        inside.append(((group.future >= lower) & (group.future <= upper)).mean(axis=1))
    return {
        ERROR: round(float(np.minimum(np.concatenate(errors), _LARGEST).mean()), 4),
        PINBALL: round(float(np.minimum(np.concatenate(losses), _LARGEST).mean()), 4),
        GAP: round(abs(float(np.concatenate(inside).mean()) - 0.8), 4),
    }


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `held_out` and `evaluate` found as text."""
    yield f"{'':<40}{ERROR:>16}{PINBALL:>22}{GAP:>24}"
    for data, measured in found.items():
        if isinstance(measured, str):
            yield f"{data}: not measured: {measured}"
            continue
        for name, values in measured.items():
            if name == "series":
                yield f"{data}, {values} series"
                continue
            rows = values.items() if isinstance(next(iter(values.values())), Mapping) else ()
            for one, metrics in rows or (("", values),):
                title = f"  {name} {one}".rstrip()
                yield (
                    f"{title:<40}{metrics[ERROR]:>16.3f}{metrics[PINBALL]:>22.3f}"
                    f"{metrics[GAP]:>24.3f}"
                )
