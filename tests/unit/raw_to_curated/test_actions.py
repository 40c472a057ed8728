from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from raw_to_curated.actions import UnknownActionError, parsed


class Asked(BaseModel):
    key: str = Field(min_length=1)
    parts: list[int] = []


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_an_event_becomes_its_model() -> None:
    assert parsed(Asked, {"key": "a/b.csv", "more": 1}) == Asked(key="a/b.csv")


@pytest.mark.parametrize(
    "value", [None, "", 7, ["a"], {"a": 1}, float("nan"), "\ud800", "x" * 10**6 + "\ud800"]
)
def test_anything_else_is_refused_without_being_printed(value: Any) -> None:
    with pytest.raises(UnknownActionError, match=r"\Akey: ") as caught:
        parsed(Asked, {"key": value})
    assert len(str(caught.value)) < 200
    assert caught.value.__cause__ is None


def test_what_is_nested_too_deeply_is_refused_as_anything_else() -> None:
    with pytest.raises(UnknownActionError, match=r"\Akey: "):
        parsed(Asked, {"key": nested(100_000)})


def test_every_wrong_member_is_named() -> None:
    with pytest.raises(UnknownActionError, match=r"key: Field required; parts\.1: "):
        parsed(Asked, {"parts": [1, "two"]})
