"""FUNCTION and GROUP select images, and all functions in them."""

from __future__ import annotations

from typing import Any

import pytest

from fleet import selection
from fleet.catalogue import Catalogue
from fleet.errors import FleetError

LIMITS: dict[str, Any] = {
    "description": "A function",
    "handler": "handler.lambda_handler",
    "memory_mb": 256,
    "timeout_s": 5,
    "budgets": {"init_ms": 1},
}
CATALOGUE = Catalogue.model_validate(
    {
        "project": "shop",
        "functions": {
            "reader": LIMITS | {"folder": "lambda-functions/reader"},
            "judge": LIMITS | {"folder": "ai-systems/judge"},
            "judge-batch": LIMITS | {"image": "judge"},
            "hub": LIMITS | {"folder": "ai-systems/hub"},
            "chat": LIMITS | {"folder": "chat"},
        },
    }
)


@pytest.mark.parametrize(
    ("function", "group", "images", "functions"),
    [
        ("", "", ["reader", "judge", "hub", "chat"], list(CATALOGUE.functions)),
        ("reader", "", ["reader"], ["reader"]),
        ("judge", "", ["judge"], ["judge", "judge-batch"]),
        ("judge-batch", "", ["judge"], ["judge", "judge-batch"]),
        ("", "ai-systems", ["judge", "hub"], ["judge", "judge-batch", "hub"]),
        ("", "chat", ["chat"], ["chat"]),
    ],
)
def test_selects(function: str, group: str, images: list[str], functions: list[str]) -> None:
    assert selection.images(CATALOGUE, function, group) == images
    assert selection.functions(CATALOGUE, function, group) == functions


@pytest.mark.parametrize(
    ("function", "group", "message"),
    [
        ("none", "", "no function 'none'; it has: reader, judge, judge-batch, hub, chat"),
        ("", "judge", "no group 'judge'; it has: lambda-functions, ai-systems, chat"),
        ("judge", "ai-systems", "FUNCTION and GROUP are both set"),
    ],
)
def test_refuses(function: str, group: str, message: str) -> None:
    with pytest.raises(FleetError, match=message):
        selection.images(CATALOGUE, function, group)
