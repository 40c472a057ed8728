"""The fraud model as it was trained, from the folder `model`."""

from __future__ import annotations

from functools import cache

from compliance_guardian.fraud.model import Model
from modelkit import artefact


@cache
def load() -> Model:
    """The model. Raises ArtefactError where it does not match its card."""
    found = artefact.load("compliance_guardian")
    return Model.from_bytes(found.card.model_version, found.content)
