"""The classical Theta method (Assimakopoulos and Nikolopoulos, 2000).

One copy of a series has no curvature, its linear trend (theta 0), the other has twice as much
(theta 2). The first goes on along its line, the second by simple exponential smoothing; the
forecast is the mean of both.
"""

from __future__ import annotations

import numpy as np

from forecasting.exponential import ses
from forecasting.matrix import Floats, mean_known


def theta(history: Floats, horizon: int) -> Floats:
    """Forecasts without season (series, horizon)."""
    columns = np.arange(history.shape[1])
    centre = mean_known(np.where(np.isnan(history), np.nan, columns))[:, None]
    middle = mean_known(history)[:, None]
    away = np.nan_to_num(np.where(np.isnan(history), np.nan, columns - centre))
    power = (away**2).sum(axis=1)
    slope = (away * np.nan_to_num(history)).sum(axis=1) / np.where(power > 0, power, 1.0)
    line = middle + slope[:, None] * (columns - centre)
    future = middle + slope[:, None] * (history.shape[1] + np.arange(horizon) - centre)
    curved = ses(2 * history - line)
    forecast: Floats = (future + curved.forecast(horizon)) / 2
    return forecast
