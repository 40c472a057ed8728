from __future__ import annotations

from typing import Any

import pytest

from raw_to_curated.actions import UnknownActionError, text_of


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_a_text_of_an_event() -> None:
    assert text_of({"key": "a/b.csv"}, "key") == "a/b.csv"


@pytest.mark.parametrize("value", [None, "", 7, ["a"], {"a": 1}, float("nan"), nested(100_000)])
def test_anything_else_is_refused_without_being_printed(value: Any) -> None:
    with pytest.raises(UnknownActionError, match="key must be a text") as caught:
        text_of({"key": value}, "key")
    assert len(str(caught.value)) < 100
