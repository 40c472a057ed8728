"""Whether what is to be forecast of a series stands in another one: data of a competition may hold
a series twice, moved in time or in another unit.

Rule: a test recurs if a rising line from some window of another series, its own test included,
explains all but .03 % of the variance of the test. A test without variance recurs nowhere.
"""

from __future__ import annotations

import numpy as np

from forecasting.matrix import Floats, Mask

_UNEXPLAINED = 0.0003
_MOST_PRODUCTS = 1e12  # that take a minute


def recurs(history: Floats, actual: Floats) -> Mask | None:
    """Series whose test recurs (series,); None where there are too many to look.

    `history` is (series, time) and `actual`, which follows it, (series, steps).
    """
    whole = np.concatenate([history, actual], axis=1)
    known = int((~np.isnan(whole)).sum())
    if known * actual.size > _MOST_PRODUCTS:
        return None
    tests = _standardised(actual)
    closest = np.zeros(len(actual), dtype=np.float32)
    for row, values in enumerate(whole):
        if len(values) < actual.shape[1]:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(values, actual.shape[1])
        windows = windows[~np.isnan(windows).any(axis=1)]
        if len(windows):
            correlations = (tests @ _standardised(windows).T).max(axis=1)
            correlations[row] = 0
            closest = np.maximum(closest, correlations)
    found: Mask = closest.astype(np.float64) ** 2 >= 1 - _UNEXPLAINED
    return found


def _standardised(windows: Floats) -> np.ndarray:
    """Rows of mean 0 and length 1; 0 where a row has no variance, or a value that is unknown."""
    away = windows - windows.mean(axis=1, keepdims=True)
    length = np.sqrt((away**2).sum(axis=1, keepdims=True))
    varies = length > 1e-9 * np.abs(windows).max(axis=1, keepdims=True)
    return np.where(varies, away / np.where(varies, length, 1.0), 0.0).astype(np.float32)
