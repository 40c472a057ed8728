"""Compares what came with what an event file expects."""

from __future__ import annotations

from typing import Any

import jsonschema


def differences(expected: Any, actual: Any, place: str = "response") -> list[str]:
    """What of `expected` is not in `actual`, one sentence each.

    An object may hold more keys than expected; lists match item by item; everything else is equal.
    An `expected` with a `$schema` key is a JSON Schema that `actual` must satisfy.
    """
    if isinstance(expected, dict) and "$schema" in expected:
        validator = jsonschema.validators.validator_for(expected)(expected)
        return [
            f"{place}{error.json_path[1:]}: {error.message}"
            for error in validator.iter_errors(actual)
        ]
    if isinstance(expected, dict) and isinstance(actual, dict):
        missing = [f"{place}.{key} is missing" for key in expected if key not in actual]
        return missing + [
            difference
            for key, value in expected.items()
            if key in actual
            for difference in differences(value, actual[key], f"{place}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{place} has {len(actual)} items, expected {len(expected)}"]
        return [
            difference
            for index, value in enumerate(expected)
            for difference in differences(value, actual[index], f"{place}[{index}]")
        ]
    # True == 1 in Python, not in JSON.
    if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        return [f"{place} is {_short(actual)}, expected {_short(expected)}"]
    return []


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
