"""Series as a matrix: one a row, all end in the last column, NaN where there is no value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]


def align(series: Sequence[Sequence[float] | Floats], most: int | None = None) -> Floats:
    """Ragged series as a matrix, NaN in front; only the last `most` values where given."""
    longest = max(map(len, series), default=0)
    matrix = np.full((len(series), min(longest, most or longest)), np.nan)
    for row, values in zip(matrix, series, strict=True):
        if used := min(len(values), len(row)):
            row[-used:] = values[-used:]
    return matrix


def lengths(history: Floats) -> Integers:
    """The number of columns of each row from its first value on; 0 in a row without any."""
    begun: Integers = np.logical_or.accumulate(~np.isnan(history), axis=1).sum(axis=1)
    return begun


def last_known(history: Floats) -> Floats:
    """The last value of each row that is known (series,); NaN in a row without any."""
    if not history.shape[1]:
        return np.full(len(history), np.nan)
    known = ~np.isnan(history)
    column = history.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    last: Floats = history[np.arange(len(history)), column]
    return last


def mean_known(values: Floats, axis: int = 1) -> Floats:
    """The mean of the values that are known, without a warning; NaN where there is none."""
    known = ~np.isnan(values)
    counts = known.sum(axis=axis)
    sums = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
