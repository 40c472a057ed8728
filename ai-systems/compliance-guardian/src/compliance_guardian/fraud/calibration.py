"""From the margins of a model to probabilities: a line through held-back payments in log-odds.

Platt, Probabilistic outputs for support vector machines, 1999. The probability rises with the
margin and is never 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NORMAL_QUANTILE = 1.645  # of a 90 % interval
_STEPS = 100
_CLOSE = 1e-10


class CalibrationError(Exception):
    """Fraud does not become more frequent with the margin."""


@dataclass(frozen=True)
class Calibration:
    """Log-odds are `intercept` + `slope` x margin; variances and covariance are those of the two
    estimates."""

    intercept: float
    slope: float
    intercept_variance: float = 0.0
    slope_variance: float = 0.0
    covariance: float = 0.0

    @classmethod
    def fit(cls, margins: Floats, fraud: NDArray[np.bool_], prior: float) -> Self:
        """The most probable line for these payments, by Newton's method. Raises CalibrationError.

        Before any payment is seen, the intercept is expected at `prior` and the slope at 1, each
        with a standard deviation of 1: this decides only where there are next to no frauds.
        """
        design = np.column_stack([np.ones_like(margins), margins])
        sign = np.where(fraud, 1.0, -1.0)
        expected = np.array([prior, 1.0])

        def loss(line: Floats) -> float:
            of_data = np.logaddexp(0, -sign * (design @ line)).sum()
            return float(of_data + ((line - expected) ** 2).sum() / 2)

        line = expected
        for _ in range(_STEPS):
            gradient = design.T @ (fraud - sigmoid(design @ line)) - (line - expected)
            step = np.linalg.solve(_precision(design, line), gradient)
            while loss(line + step) > loss(line) and abs(step).max() > _CLOSE:
                step /= 2
            line = line + step
            if abs(step).max() < _CLOSE:
                break
        intercept, slope = line.tolist()
        if slope <= 0:
            raise CalibrationError(
                f"the odds of fraud change by {slope:.3g} for each unit of the margin; "
                "a model whose high margins mean no more fraud cannot be calibrated"
            )
        variances = np.linalg.inv(_precision(design, line)).tolist()
        return cls(intercept, slope, variances[0][0], variances[1][1], variances[0][1])

    def log_odds(self, margins: Floats) -> Floats:
        """The log-odds of fraud at these margins."""
        return self.intercept + self.slope * margins

    def interval(self, margins: Floats, deviations: Floats) -> tuple[Floats, Floats]:
        """The bounds of a 90 % interval of the probabilities at these margins.

        It covers the errors of the line, and those of margins with these standard deviations.
        """
        variance = (
            self.intercept_variance
            + 2 * self.covariance * margins
            + self.slope_variance * margins**2
            + (self.slope * deviations) ** 2
        )
        spread = _NORMAL_QUANTILE * np.sqrt(np.maximum(variance, 0.0))
        middle = self.log_odds(margins)
        return sigmoid(middle - spread), sigmoid(middle + spread)


def sigmoid(log_odds: Floats) -> Floats:
    """The probabilities with these log-odds, without overflow."""
    return np.exp(-np.logaddexp(0, -log_odds))


def _precision(design: Floats, line: Floats) -> Floats:
    probability = sigmoid(design @ line)
    return (design.T * (probability * (1 - probability))) @ design + np.eye(2)
