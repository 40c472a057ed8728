"""Cards: the same text for the same training, and a clear error for anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from model_card import CARD
from modelkit.card import ArtefactFile, Card, InvalidCardError


def with_change(*path: str, value: Any) -> str:
    content = json.loads(CARD.to_json())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(content)


def test_a_card_is_read_as_it_was_written() -> None:
    assert Card.from_json(CARD.to_json()) == CARD
    assert Card.from_json(CARD.to_json()).to_json() == CARD.to_json()


def test_the_model_version_tells_models_of_one_version_apart() -> None:
    other = replace(CARD, artefact=ArtefactFile.of("model.json", b"other model"))
    assert CARD.model_version == f"1.0+{CARD.artefact.sha256[:12]}"
    assert other.model_version != CARD.model_version


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("name",), None, "name is None"),
        (("version",), "1", "version is '1'; it must be MAJOR.MINOR"),
        (("created",), "today", "created is 'today'; it must be a date"),
        (("seed",), True, "seed is True"),
        (("data", "rows"), "many", "data.rows is 'many'"),
        (("data", "sha256"), "abc", "data.sha256 is 'abc'"),
        (("artefact", "name"), "../model.json", "artefact.name is '../model.json'"),
        (("artefact", "name"), "..", "artefact.name"),
        (("artefact",), [], r"artefact is \[\]"),
        (("better", "roc_auc"), "more", "better.roc_auc is 'more'"),
        (("metrics", "roc_auc"), "high", "metrics.roc_auc is 'high'"),
        (("metrics", "f1"), 0.5, "metrics must have exactly the metrics roc_auc, log_loss"),
        (("baselines", "rule"), {}, "baselines.rule must have exactly"),
        (("baselines", "rule"), None, "baselines.rule must have exactly"),
        (("metrics", "roc_auc"), float("nan"), "metrics.roc_auc is nan; it must be finite"),
    ],
)
def test_an_error_names_the_field(path: tuple[str, ...], value: Any, says: str) -> None:
    with pytest.raises(InvalidCardError, match=says):
        Card.from_json(with_change(*path, value=value))


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_other_text_is_not_a_card(text: str) -> None:
    with pytest.raises(InvalidCardError):
        Card.from_json(text)
