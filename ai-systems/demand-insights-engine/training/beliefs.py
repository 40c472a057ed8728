"""Learns a prior: what forecasts of built-in series got wrong, a class at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
from data import Group

from forecasting.combination import Members, median, scale_of
from forecasting.matrix import Floats
from forecasting.members import BASELINE, Panel, forecasts, statistical
from forecasting.prior import Belief, Prior, class_names
from forecasting.profile import profile
from forecasting.quantiles import error_size

MOST_MEMBERS = 3
_CANDIDATES = 10
_QUANTILES = 60
_LARGEST = 20.0
"""Scaled errors count up to it: a few series must not say what is best for a class."""


def learn(groups: Iterable[Group]) -> Prior:
    """The belief of each class of series that the groups have."""
    parts: dict[str, list[tuple[Floats, Mapping[Members, Floats]]]] = {}
    for group in groups:
        classes = [str(kind) for kind in profile(group.history).kinds]
        names = np.array(class_names(group.history, classes, is_demand=group.is_demand))
        errors = _errors(group)
        size, scale = error_size(group.history), scale_of(group.history)
        for name in sorted(set(names.tolist())):
            rows = names == name
            found = {chosen: one[rows] for chosen, one in errors.items()}
            parts.setdefault(name, []).append((np.stack((size, scale), axis=1)[rows], found))
    return Prior({name: _belief(part) for name, part in sorted(parts.items())})


def _errors(group: Group) -> dict[Members, Floats]:
    """Errors (series, steps) of every set of members."""
    periods = (group.period,) if group.period > 1 else ()
    steps = group.future.shape[1]
    panel = Panel(steps, periods, group.is_demand, has_boosting=False)
    members = forecasts(statistical(panel), group.history)
    return {
        chosen: group.future - median(members, chosen)
        for number in range(1, MOST_MEMBERS + 1)
        for chosen in combinations(members, number)
    }


def _belief(parts: list[tuple[Floats, Mapping[Members, Floats]]]) -> Belief:
    size, scale = np.concatenate([sizes for sizes, _ in parts]).T
    errors = {chosen: np.concatenate([one[chosen] for _, one in parts]) for chosen in parts[0][1]}
    scaled = {
        chosen: np.minimum(np.abs(one) / scale[:, None], _LARGEST) for chosen, one in errors.items()
    }
    candidates = {power: _candidates(scaled, power) for power in (1, 2)}
    relative = errors[next(iter(candidates[1]))] / size[:, None]
    by_step = np.minimum(np.abs(relative), _LARGEST).mean(axis=0)
    steps = np.arange(1.0, len(by_step) + 1)
    slope, first = np.polyfit(np.log(steps), np.log(np.maximum(by_step, 1e-6)), 1)
    usual, growth = round(float(np.exp(first)), 4), round(float(np.clip(slope, 0, 1)), 4)
    multiples = relative / (usual * steps**growth)
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return Belief(
        candidates, usual, growth, tuple(np.quantile(multiples, levels).round(4).tolist())
    )


def _candidates(scaled: Mapping[Members, Floats], power: int) -> dict[Members, float]:
    """The sets with the least errors, the best first, and the baseline."""
    means = {chosen: float((errors**power).mean()) for chosen, errors in scaled.items()}
    ranked = sorted(means, key=lambda chosen: (means[chosen], len(chosen)))
    kept = dict.fromkeys([*ranked[:_CANDIDATES], (BASELINE,)])
    return {chosen: round(means[chosen] / means[BASELINE,], 4) for chosen in kept}
