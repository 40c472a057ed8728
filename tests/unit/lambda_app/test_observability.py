"""What a decorated handler logs and counts."""

from __future__ import annotations

from typing import Any

import pytest
from polars.exceptions import PanicException

import emf
from lambda_app.containment import PanicError
from lambda_app.observability import count, count_failures, logger, observed


def test_a_handler_s_metrics_are_written_when_it_ends(
    lambda_context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    @observed
    def handler(event: dict[str, Any], context: Any) -> str:
        count("Rows", 3)
        count("Rows", 4)
        return "done"

    assert handler({}, lambda_context) == "done"
    output = capsys.readouterr().out
    assert emf.values(output, "Rows") == [3, 4]
    assert emf.dimensions(output, "Rows") == [{"service": "test-service"}]
    (document,) = emf.documents(output)
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "test-namespace"


def test_metrics_are_written_when_a_handler_fails(
    lambda_context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    @observed
    def handler(event: dict[str, Any], context: Any) -> None:
        count("Rows")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        handler({}, lambda_context)
    assert emf.values(capsys.readouterr().out, "Rows") == [1]


def test_a_panic_fails_the_invocation_not_the_process(
    lambda_context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lambda's runtime client ends at whatever is not an Exception."""

    @observed
    def handler(event: dict[str, Any], context: Any) -> None:
        count("Rows")
        raise PanicException("index out of bounds")

    with pytest.raises(PanicError, match="PanicException: index out of bounds"):
        handler({}, lambda_context)
    assert emf.values(capsys.readouterr().out, "Rows") == [1]


def test_failures_of_nothing_are_not_stored(
    lambda_context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    count_failures(lambda_context, MessagesFailed=0, MessagesDeadLettered=0)
    assert capsys.readouterr().out == ""


def test_log_lines_carry_the_request(lambda_context: Any) -> None:
    @observed
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return dict(logger.get_current_keys())

    keys = handler({}, lambda_context)
    assert keys["function_request_id"] == lambda_context.aws_request_id
    assert keys["service"] == "test-service"
