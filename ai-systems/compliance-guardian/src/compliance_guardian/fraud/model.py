"""The fraud model: a bag of boosted trees, and a line from their mean margin to log-odds."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compliance_guardian.fraud.calibration import Calibration, sigmoid
from compliance_guardian.fraud.costs import Bin
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.reasons import reasons
from compliance_guardian.fraud.scores import Reason, Score
from compliance_guardian.fraud.trees import Explainer, Trees

Floats = NDArray[np.float64]

_NAMES = [feature.name for feature in FEATURES]


class ModelError(Exception):
    """The content is not a model of these features."""


@dataclass(frozen=True)
class FeatureBins:
    """How often values of a feature were in each bin of the training data.

    `rows` are those below the first edge, between edges, from the last edge on, and without a
    value: two more than edges.
    """

    edges: tuple[float, ...]
    rows: tuple[int, ...]

    @classmethod
    def of(cls, values: Sequence[float] | Floats) -> Self:
        """Bins between deciles, with the rows of these values."""
        array = np.asarray(values, dtype=np.float64)
        known = array[~np.isnan(array)]
        deciles = np.quantile(known, np.arange(1, 10) / 10) if len(known) else known
        bins = cls(tuple(np.unique(deciles).tolist()), ())
        return cls(bins.edges, tuple(bins.count(array)))

    def count(self, values: Sequence[float] | Floats) -> list[int]:
        """How many of these values are in each bin."""
        array = np.asarray(values, dtype=np.float64)
        bins = np.searchsorted(np.array(self.edges), array, side="right")
        bins[np.isnan(array)] = len(self.edges) + 1
        counts: list[int] = np.bincount(bins, minlength=len(self.edges) + 2).tolist()
        return counts


@dataclass(frozen=True)
class Model:
    """A model as it was trained; `version` is the one that answers and insights name.

    `calibration` says how often held-back payments were fraud, by predicted probability;
    `training_bins` how the values of each feature were distributed.
    """

    version: str
    bag: tuple[Trees, ...]
    line: Calibration
    calibration: tuple[Bin, ...]
    training_bins: Mapping[str, FeatureBins]

    @classmethod
    def from_bytes(cls, version: str, content: bytes) -> Self:
        """The model with the content that `to_bytes` gave. Raises ModelError."""
        parts = json.loads(gzip.decompress(content))
        if parts["features"] != _NAMES:
            raise ModelError("the model has other features than the code; train it again")
        return cls(
            version=version,
            bag=tuple(Trees.from_xgboost(member) for member in parts["bag"]),
            line=Calibration(**parts["line"]),
            calibration=tuple(Bin(**one) for one in parts["calibration"]),
            training_bins={
                name: FeatureBins(tuple(bins["edges"]), tuple(bins["rows"]))
                for name, bins in parts["training_bins"].items()
            },
        )

    def to_bytes(self, bag: Sequence[Mapping[str, Any]]) -> bytes:
        """The model as a file; `bag` are the models of xgboost that its trees were read from."""
        parts = {
            "features": _NAMES,
            "bag": bag,
            "line": asdict(self.line),
            "calibration": [asdict(one) for one in self.calibration],
            "training_bins": {name: asdict(bins) for name, bins in self.training_bins.items()},
        }
        return gzip.compress(json.dumps(parts, separators=(",", ":")).encode(), mtime=0)

    @property
    def bias(self) -> float:
        """The log-odds to which contributions are added: those expected over the training."""
        return self.line.intercept + self.line.slope * self._explainer.expected

    def margins(self, rows: Floats) -> tuple[Floats, Floats]:
        """Of rows (n by FEATURES) the mean margin over the bag, and its standard error."""
        margins = np.stack([trees.margins(rows) for trees in self.bag])
        size = len(self.bag)
        error = margins.std(axis=0, ddof=1) / np.sqrt(size) if size > 1 else margins[0] * 0
        return margins.mean(axis=0), error

    def log_odds(self, rows: Floats) -> Floats:
        """The calibrated log-odds of rows (n by FEATURES)."""
        return self.line.log_odds(self.margins(rows)[0])

    def score(self, rows: ArrayLike, *, explain: bool = False) -> list[Score]:
        """Score rows of FEATURES, NaN where a feature does not apply; with reasons if asked to."""
        values = np.asarray(rows, dtype=np.float64).reshape(-1, len(FEATURES))
        margins, errors = self.margins(values)
        log_odds = self.line.log_odds(margins)
        lower, upper = self.line.interval(margins, errors)
        columns = np.column_stack([sigmoid(log_odds), lower, upper, log_odds]).tolist()
        return [
            Score(probability, low, high, odds, self._reasons(row) if explain else ())
            for row, (probability, low, high, odds) in zip(values, columns, strict=True)
        ]

    def _reasons(self, row: Floats) -> list[Reason]:
        contributions = self.line.slope * self._explainer.contributions(row)
        return reasons(row.tolist(), contributions.tolist())

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer.of(self.bag)
