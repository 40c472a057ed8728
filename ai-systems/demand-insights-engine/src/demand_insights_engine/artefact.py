"""The model as it was trained, from the folder `model`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from demand_insights_engine.unusual_weeks.scores import Parameters
from modelkit import artefact


@dataclass(frozen=True)
class Model:
    """Parameters, and the version that answers and insights name."""

    parameters: Parameters
    version: str


@cache
def load() -> Model:
    """The model. Raises ArtefactError where it does not match its card."""
    found = artefact.load("demand_insights_engine")
    return Model(Parameters(**json.loads(found.content)), found.card.model_version)
