"""How far the features of payments have moved from the training data, by week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import FeatureBins
from datalake.contracts.insights import FRAUD_DRIFT
from modelkit.drift import Bins, population_stability_index

# The calendar alone decides it, most of all in a week that a month cuts.
_LEFT_OUT = ("is_weekend",)


def drift_rows(
    weeks: Sequence[date], features: NDArray[np.float64], training: Mapping[str, FeatureBins]
) -> pl.DataFrame:
    """FRAUD_DRIFT without versions, of payments in these weeks with these rows of FEATURES."""
    ordinals = np.array([week.toordinal() for week in weeks])
    rows = []
    for ordinal in np.unique(ordinals).tolist():
        of_week = features[ordinals == ordinal]
        for index, feature in enumerate(FEATURES):
            if feature.name in _LEFT_OUT:
                continue
            bins = training[feature.name]
            current = bins.count(of_week[:, index].tolist())
            found = population_stability_index(_bins(current), _bins(bins.rows))
            rows.append(
                {
                    "week": date.fromordinal(ordinal),
                    "feature": feature.name,
                    "stability_index": found.index,
                    "noise": found.noise,
                    "level": found.level,
                }
            )
    return FRAUD_DRIFT.frame(rows)


def _bins(counts: Sequence[int]) -> Bins:
    return {str(index): count for index, count in enumerate(counts)}
