"""Expectations: a JSON subset, or a JSON Schema."""

import pytest

from fleet.images.expect import differences


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ([{"a": 1}], [{"a": 1, "b": 2}]),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}, {}),
        (None, None),
    ],
)
def test_matches(expected, actual):
    assert differences(expected, actual) == []


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ({"a": 1}, {}, "response.a is missing"),
        ({"a": [1]}, {"a": [1, 2]}, "response.a has 2 items, expected 1"),
        ({"a": [1]}, {"a": [2]}, "response.a[0] is 2, expected 1"),
        (1, True, "response is True, expected 1"),
        ({"a": 1}, "text", "response is 'text'"),
        ({"batchItemFailures": []}, {"batchItemFailures": [{}]}, "has 1 items, expected 0"),
        (
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"},
            1,
            "1 is not of type 'string'",
        ),
    ],
)
def test_differs(expected, actual, message):
    [difference] = differences(expected, actual)
    assert message in difference
