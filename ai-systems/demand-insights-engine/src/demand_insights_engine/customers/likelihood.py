"""Parameters of greatest likelihood of the models of customers, and the bootstrap of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from scipy.optimize import minimize

from demand_insights_engine.customers.transactions import Floats

MIN_REPEATERS = 10
"""Customers with a second purchase that a fit needs; four parameters say little of fewer."""

_BOUND = 9.0  # of the logarithms of parameters
_TOLERANCES = {"ftol": 1e-12, "gtol": 1e-7, "maxiter": 1000, "maxfun": 10_000}

Model = TypeVar("Model")
# Of a model and a sample's columns: each row's log-likelihood, and its derivatives by the
# logarithms of the parameters, of shape (rows, parameters), where they are known.
LogLikelihood: TypeAlias = Callable[..., tuple[Floats, Floats | None]]


class FitError(ValueError):
    """The customers are too few to fit a model; the message says how many it takes."""


@dataclass(frozen=True)
class Sample:
    """Distinct rows of what a likelihood depends on, and how many customers have each."""

    columns: tuple[Floats, ...]
    counts: Floats

    @classmethod
    def of(cls, *columns: Floats) -> Sample:
        """Count equal customers, who have equal likelihoods."""
        rows, counts = np.unique(np.stack(columns, axis=-1), axis=0, return_counts=True)
        return cls(tuple(np.ascontiguousarray(column) for column in rows.T), counts.astype(float))

    def resampled(self, random: np.random.Generator) -> Sample:
        """As many customers, drawn with replacement."""
        size = self.counts.sum()
        return Sample(self.columns, random.multinomial(int(size), self.counts / size).astype(float))


@dataclass(frozen=True)
class Fit(Generic[Model]):
    """A fitted model. `unbounded` names parameters that grew or shrank without end, because the
    customers do not tell them."""

    model: Model
    log_likelihood: float
    customers: int
    unbounded: tuple[str, ...]


def maximise(
    model: type[Model], log_likelihood: LogLikelihood, sample: Sample, start: Sequence[float]
) -> Fit[Model]:
    """The parameters of greatest likelihood, sought from `start` (L-BFGS on their logarithms)."""
    size = sample.counts.sum()

    def objective(logarithms: Floats) -> Any:
        values, gradients = log_likelihood(model(*np.exp(logarithms)), *sample.columns)
        mean = -(sample.counts @ values) / size
        return mean if gradients is None else (mean, -(sample.counts @ gradients) / size)

    first = np.clip(np.log(start), -_BOUND, _BOUND)
    has_gradient = isinstance(objective(first), tuple)
    found = minimize(
        objective,
        first,
        jac=has_gradient or None,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * len(first),
        options=_TOLERANCES,
    )
    at_bound = np.abs(found.x) > _BOUND - 1e-3
    names = [field.name for field in fields(model)]  # type: ignore[arg-type]
    return Fit(
        model(*(float(value) for value in np.exp(found.x))),
        -float(found.fun * size),
        int(size),
        tuple(name for name, stuck in zip(names, at_bound, strict=True) if stuck),
    )


def bootstrap(
    fit: Fit[Model],
    log_likelihood: LogLikelihood,
    sample: Sample,
    *,
    replicates: int,
    seed: int,
) -> list[Model]:
    """The models that as many customers drawn with replacement give (Efron, 1979)."""
    start = astuple(fit.model)  # type: ignore[call-overload]
    return [
        maximise(
            type(fit.model),
            log_likelihood,
            sample.resampled(np.random.Generator(np.random.PCG64([seed, number]))),
            start,
        ).model
        for number in range(replicates)
    ]
