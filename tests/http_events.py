"""Events of API Gateway in payload format 2.0, and what a valid answer to them is."""

import json
from typing import Any


def request(
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: dict[str, str] | None = None,
    query: str = "",
    authorizer: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A request; a body that is not text is sent as JSON."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    context: dict[str, Any] = {
        "requestId": "request-1",
        "stage": "$default",
        "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
    }
    if authorizer is not None:
        context["authorizer"] = {"lambda": authorizer}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": dict(pair.split("=", 1) for pair in query.split("&") if pair),
        "headers": {"content-type": "application/json"} if headers is None else headers,
        "requestContext": context,
        "body": text,
        "isBase64Encoded": False,
    }


def answer(response: dict[str, Any]) -> Any:
    """The JSON of an answer's body, after a check that API Gateway takes the answer as it is."""
    assert set(response) == {"statusCode", "body", "isBase64Encoded", "headers", "cookies"}
    assert type(json.loads(json.dumps(response["statusCode"]))) is int
    assert isinstance(response["body"], str)
    assert response["isBase64Encoded"] is False
    assert all(isinstance(value, str) for value in response["headers"].values())
    assert isinstance(response["cookies"], list)
    return json.loads(response["body"], parse_constant=lambda name: 1 / 0)
