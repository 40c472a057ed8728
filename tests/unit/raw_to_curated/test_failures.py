"""What a person reads of an object that never had another outcome."""

from __future__ import annotations

import json

import pytest

from raw_to_curated.failures import attempts_failed, step_failed
from raw_to_curated.reasons import ObjectReason


def test_of_attempts_that_were_stopped() -> None:
    rejected = attempts_failed(5, None)
    assert rejected.reason is ObjectReason.PROCESSING_FAILED
    assert "delivered 5 times" in rejected.message
    assert "redrive the dead-letter queue" in rejected.message
    assert rejected.details == {}


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (MemoryError(), "MemoryError"),
        (ValueError("no such column"), "ValueError: no such column"),
        (OSError(28, "No space left"), "OSError: [Errno 28] No space left"),
    ],
)
def test_of_attempts_of_which_the_last_failed(error: Exception, named: str) -> None:
    rejected = attempts_failed(3, error)
    assert f"failed with {named}." in rejected.message
    assert rejected.details == {"error": [named]}


def test_an_error_is_not_quoted_without_end() -> None:
    rejected = attempts_failed(3, ValueError("x" * 1_000_000))
    assert len(rejected.message) < 2_000
    assert len(rejected.details["error"][0]) == 1_000


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (
            {
                "Error": "AccountingError",
                "Cause": json.dumps({"errorMessage": "3 rows", "stackTrace": ["a"]}),
            },
            "AccountingError: 3 rows",
        ),
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
        ({"Error": "Sandbox.Timedout", "Cause": "after 180 s"}, "Sandbox.Timedout: after 180 s"),
        ({"Error": "A", "Cause": "[1]"}, "A: [1]"),
        ({"Error": "A", "Cause": "[" * 100_000}, "A: " + "[" * 997),
        ({}, "an unknown error"),
    ],
)
def test_of_a_step_that_failed_for_good(error: dict[str, str], named: str) -> None:
    rejected = step_failed(error)
    assert rejected.reason is ObjectReason.PROCESSING_FAILED
    assert f"failed for good with {named}." in rejected.message
    assert "repeat the backfill" in rejected.message
    assert rejected.details == {"error": [named]}
