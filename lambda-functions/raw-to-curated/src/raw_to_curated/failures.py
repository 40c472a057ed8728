"""Rejections of objects for which this function failed, or was stopped, as often as it tried."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from raw_to_curated.reasons import ObjectReason, RejectedError

_MAX_ERROR = 1_000
_UNTIL = "This rejection is provisional: the next attempt that ends replaces or removes it."


def attempts_failed(receives: int, error: Exception | None) -> RejectedError:
    """Of an object whose event SQS delivered `receives` times and does not deliver again.

    `error` is the error of the last attempt; None before that attempt ends, and for good if it was
    stopped.
    """
    if error is None:
        how = "each attempt failed, or was stopped by its time limit, its memory or a crash"
    else:
        how = f"the last attempt failed with {_named(type(error).__name__, str(error))}"
    return RejectedError(
        ObjectReason.PROCESSING_FAILED,
        f"The event of this object was delivered {receives} times, and {how}. The log of "
        "raw-to-curated has the errors. Correct the cause, then redrive the dead-letter queue; or "
        f"upload a corrected object. {_UNTIL}",
        **({} if error is None else {"error": [_named(type(error).__name__, str(error))]}),
    )


def step_failed(error: Mapping[str, Any]) -> RejectedError:
    """Of an object that was split, by the `Error` and `Cause` of Step Functions for the step that
    failed for good: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    what = _named(str(error.get("Error") or "an unknown error"), _message(error.get("Cause")))
    return RejectedError(
        ObjectReason.PROCESSING_FAILED,
        f"A step of this object's curation in parts failed for good with {what}. The log of "
        "raw-to-curated has the errors. Correct the cause, then repeat the backfill; or upload a "
        f"corrected object. {_UNTIL}",
        error=[what],
    )


def _message(cause: object) -> str:
    """The message of a function's error, which Step Functions passes on as JSON."""
    text = str(cause or "")
    try:
        return str(json.loads(text)["errorMessage"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return text


def _named(name: str, message: str) -> str:
    return (f"{name}: {message}" if message else name)[:_MAX_ERROR]
