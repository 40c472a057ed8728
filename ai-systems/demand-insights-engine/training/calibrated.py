"""Quantiles of a baseline by the conformal step that forecasts have, from its own past errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.combination import replayed
from forecasting.matrix import Floats
from forecasting.measures import pinball
from forecasting.members import Member
from forecasting.profile import profile
from forecasting.quantiles import conformal, error_size


def quantiles(
    member: Member, history: Floats, horizon: int, levels: Sequence[float], *, is_demand: bool
) -> Floats:
    """Quantiles of a method from the end of a history on (series, horizon, levels)."""
    past = replayed({"": member}, history, horizon)
    errors = past.actual - past.forecasts[""]
    classes = [str(kind) for kind in profile(history).kinds]
    found = conformal(member(history), error_size(history), errors, classes, levels)
    return np.maximum(found, 0) if is_demand else found


def loss(actual: Floats, found: Floats, levels: Sequence[float], scale: Floats) -> float:
    """The mean pinball loss of series, in units of a scale (series,); NaN where none has one."""
    scaled = pinball(actual, found, levels) / np.where(scale > 0, scale, np.nan)
    known = scaled[~np.isnan(scaled)]
    return float(known.mean()) if known.size else float("nan")
