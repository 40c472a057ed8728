"""What an answer of the runtime interface emulator means: a result or a function error."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

# AWS's limit for a synchronous invocation is 6 MB plus 100 bytes; the emulator cuts silently.
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100
TIMED_OUT = "Sandbox.Timedout"
_TEXT = r'"((?:[^"\\]|\\[^u]|\\u[0-9a-f]{4})*)'
_REPORTED = re.compile(rf'{{"errorType": {_TEXT}", "errorMessage": {_TEXT}')


@dataclass(frozen=True)
class Outcome:
    """`body` is the handler's JSON, or the error's; `reusable` says if the worker may go on."""

    body: bytes
    error: bool = False
    reusable: bool = True


def classify(status: int, body: bytes, request_id: str) -> Outcome:
    """Tell a result from an error.

    The emulator answers 200 for an exception of the handler too. The runtime client puts this
    request's id in the error beside the stack trace, which no handler's own result holds unless
    it means to: a result with `errorType` stays a result. Only the emulator itself answers in
    plain text (a timeout) or with another status (the runtime ended, the response is too large).
    """
    try:
        value = json.loads(body)
    except ValueError:
        text = body.decode(errors="replace")
        timed_out = text.startswith("Task timed out after")
        return failure(TIMED_OUT if timed_out else "Runtime.Unknown", text, reusable=False)
    if status != 200:
        kind = value.get("errorType", "") if isinstance(value, dict) else ""
        too_large = kind == "Function.ResponseSizeTooLarge"
        return Outcome(body, error=True, reusable=too_large)
    raised = (
        isinstance(value, dict)
        and value.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
        and value["requestId"] == request_id
    )
    if raised:
        return Outcome(_type_first(value), error=True)
    return Outcome(body)


def failure(kind: str, message: str, *, reusable: bool) -> Outcome:
    """An error that no handler has reported itself."""
    return Outcome(_type_first({"errorType": kind, "errorMessage": message}), True, reusable)


def _type_first(error: dict[str, Any]) -> bytes:
    """The endpoint shows an error's first 512 bytes, so what matters comes first."""
    order = ("errorType", "errorMessage", "stackTrace")
    return json.dumps({key: error[key] for key in order if key in error}).encode()


def reported(text: str) -> str:
    """`type: message` of an error in the endpoint's report of it, which may be cut; else `text`."""
    found = _REPORTED.search(text)
    if not found:
        return text
    # Whole escapes only, as an incomplete one at the end does not match.
    kind, message = (json.loads(f'"{part}"') for part in found.groups())
    return f"{kind}: {message}"
