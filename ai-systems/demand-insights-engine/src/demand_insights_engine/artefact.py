"""The prior of forecasts as it was trained, from the folder `model`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from forecasting.prior import Prior
from modelkit import artefact


@dataclass(frozen=True)
class Model:
    """The prior, and the version that answers and insights name."""

    prior: Prior
    version: str


@cache
def load() -> Model:
    """The model. Raises ArtefactError where it does not match its card."""
    found = artefact.load("demand_insights_engine")
    return Model(Prior.from_json(found.content), found.card.model_version)
