from __future__ import annotations

import json

import pytest

from fleet.cloud.outcome import classify, reported

REQUEST = "11111111-2222-3333-4444-555555555555"


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def raised(request_id: str = REQUEST) -> dict[str, object]:
    return {
        "errorMessage": "no",
        "errorType": "ValueError",
        "requestId": request_id,
        "stackTrace": ["at home"],
    }


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": 200},
        None,
        "Task timed out after 2.00 seconds",
        {"errorType": "None", "errorMessage": "none"},
        raised("the id of another request"),
        {**raised(), "more": 1},
    ],
)
def test_results(value: object) -> None:
    outcome = classify(200, as_json(value), REQUEST)
    assert not outcome.error
    assert outcome.reusable
    assert json.loads(outcome.body) == value


def test_exception_of_the_handler() -> None:
    outcome = classify(200, as_json(raised()), REQUEST)
    assert outcome.error
    assert outcome.reusable
    assert list(json.loads(outcome.body)) == ["errorType", "errorMessage", "stackTrace"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"Task timed out after 2.00 seconds", "Sandbox.Timedout"),
        (b"anything else that is not JSON", "Runtime.Unknown"),
    ],
)
def test_plain_text_is_from_the_emulator(body: bytes, kind: str) -> None:
    outcome = classify(200, body, REQUEST)
    assert outcome.error
    assert not outcome.reusable
    assert json.loads(outcome.body) == {"errorType": kind, "errorMessage": body.decode()}


@pytest.mark.parametrize(
    ("kind", "reusable"),
    [("Runtime.ExitError", False), ("Function.ResponseSizeTooLarge", True)],
)
def test_other_statuses_are_errors(kind: str, reusable: bool) -> None:
    outcome = classify(502, as_json({"errorType": kind, "errorMessage": "text"}), REQUEST)
    assert outcome.error
    assert outcome.reusable is reusable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('HTTP 500: {"errorType": "ValueError", "errorMessage": "on \\"purpose\\""}',
         'ValueError: on "purpose"'),
        ('{"errorType": "E", "errorMessage": "caf\\u00e9, then cut \\u00', "E: café, then cut "),
        ("Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds"),
    ],
)  # fmt: skip
def test_what_the_endpoint_reports_of_an_error(text: str, expected: str) -> None:
    assert reported(text) == expected
