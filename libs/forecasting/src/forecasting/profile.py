"""What kind of demand a series is, by Syntetos, Boylan and Croston (JORS 56, 2005)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.matrix import Floats, mean_known

_INTERVAL, _VARIATION = 1.32, 0.49


class Kind(StrEnum):
    """A class of demand; NONE has never been asked for."""

    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"
    NONE = "none"


@dataclass(frozen=True)
class Profile:
    """The two statistics of each series, and the class that follows from them; all (series,)."""

    interval: Floats
    """Average demand interval: periods a period with demand; NaN without any demand."""
    variation: Floats
    """Squared coefficient of variation of the sizes of demand; NaN without any demand."""

    @property
    def kinds(self) -> list[Kind]:
        """The class of each series."""
        table = (Kind.SMOOTH, Kind.ERRATIC), (Kind.INTERMITTENT, Kind.LUMPY)
        return [
            Kind.NONE
            if np.isnan(interval)
            else table[bool(interval >= _INTERVAL)][bool(size >= _VARIATION)]
            for interval, size in zip(self.interval, self.variation, strict=True)
        ]


def profile(history: Floats) -> Profile:
    """The profile of each series; periods count from its first value on."""
    sizes = np.where(history > 0, history, np.nan)
    demands = (history > 0).sum(axis=1)
    known = (~np.isnan(history)).sum(axis=1)
    mean = mean_known(sizes)
    variance = mean_known((sizes - mean[:, None]) ** 2)
    square = mean**2  # 0 of the smallest sizes
    variation = np.divide(variance, square, out=np.full(len(history), np.nan), where=square > 0)
    return Profile(np.where(demands, known / np.maximum(demands, 1), np.nan), variation)
