"""Items of tables as JSON, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.errors import FleetError
from fleet.images import dynamodb_items
from fleet.images.events import GivenItem


def test_json_comes_back_as_it_was() -> None:
    item = {
        "text": "ünïcødé",
        "whole": 12345678901234567890,
        "fraction": 0.1,
        "yes": True,
        "nothing": None,
        "list": [1, {"a": [2.5]}],
    }

    stored = dynamodb_items.attributes(item)

    assert stored["fraction"] == {"N": "0.1"}
    assert stored["yes"] == {"BOOL": True}
    assert dynamodb_items.plain(stored) == item


def test_what_json_lacks_becomes_lists_and_base64() -> None:
    stored = {"words": {"SS": ["b", "a"]}, "numbers": {"NS": ["10", "9"]}, "bytes": {"B": b"\xff"}}

    assert dynamodb_items.plain(stored) == {
        "words": ["a", "b"],
        "numbers": [9, 10],
        "bytes": "/w==",
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**50 + 1])
def test_a_number_that_dynamodb_cannot_hold_is_refused(number: Any) -> None:
    given = GivenItem(table="seen", item={"id": "a", "n": number})

    with pytest.raises(FleetError, match=r"table seen cannot hold \{'id': 'a'"):
        dynamodb_items.put(None, "seen", given)
