"""HTTP apps: what callers are answered, whatever they send."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.exceptions import PanicException
from pydantic import BaseModel, Field

import emf
from http_events import answer, request
from lambda_app.http import PROBLEM_JSON, Caller, HttpApp, HttpRouter

MAX_BODY_BYTES = 500


class Line(BaseModel):
    sku: str
    quantity: int = Field(ge=1)


class Order(BaseModel):
    customer: str
    lines: list[Line] = []
    notes: dict[str, int] = {}


class Total(BaseModel):
    quantity: int


app = HttpApp("Orders", "1.2.3", max_body_bytes=MAX_BODY_BYTES)
router = HttpRouter()


@app.post("/orders")
def add(order: Order) -> Total:
    return Total(quantity=sum(line.quantity for line in order.lines))


@app.put("/lines")
def replace(lines: list[Line]) -> Total:
    return Total(quantity=sum(line.quantity for line in lines))


@app.get("/orders/<order_id>")
def read(order_id: str, limit: Annotated[int, Query(ge=1)] = 10) -> dict[str, Any]:
    return {"order_id": order_id, "limit": limit}


@app.delete("/orders/<order_id>")
def remove(order_id: str) -> None:
    raise ForbiddenError(f"{order_id} is paid")


@app.get("/caller")
def who() -> dict[str, Any]:
    return shown(app.caller)


@router.get("/topic/caller")
def who_of_a_topic() -> dict[str, Any]:
    return shown(router.caller)


@router.post("/topic/<name>")
def add_to_a_topic(name: Annotated[str, Path(max_length=3)], line: Line) -> Line:
    return line


app.include_router(router)


def shown(caller: Caller | None) -> dict[str, Any]:
    return {"subject": caller.subject, "scopes": sorted(caller.scopes)} if caller else {}


@app.get("/secret")
def crash() -> Total:
    raise ConnectionError("password=hunter2")


@app.get("/panic")
def panic() -> Total:
    raise PanicException("index out of bounds at hunter2")


@app.get("/wrong-answer")
def wrong_answer() -> Total:
    return {"quantity": "many"}  # type: ignore[return-value]


@app.get("/not-a-number")
def not_a_number() -> dict[str, float]:
    return {"value": float("nan")}


@pytest.fixture
def call(lambda_context: Any) -> Callable[[Any], dict[str, Any]]:
    return lambda event: app.resolve(event, lambda_context)


def problem(response: dict[str, Any], status: int) -> dict[str, Any]:
    """The problem document of an answer with this status."""
    document: dict[str, Any] = answer(response)
    assert response["statusCode"] == document["status"] == status
    assert response["headers"]["Content-Type"] == PROBLEM_JSON
    assert response["headers"]["x-request-id"] == document["request_id"] != ""
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"]
    return document


def test_a_route_answers_its_model_as_json(call: Any) -> None:
    lines = [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 3}]
    response = call(request("POST", "/orders", {"customer": "c", "lines": lines}))
    assert answer(response) == {"quantity": 5}
    assert response["statusCode"] == 200
    assert response["headers"] == {"Content-Type": "application/json", "x-request-id": "request-1"}


def test_a_body_may_be_a_list(call: Any) -> None:
    lines = [{"sku": "a", "quantity": 2}, {"sku": "\U0001f600", "quantity": 3}]
    assert answer(call(request("PUT", "/lines", lines))) == {"quantity": 5}
    document = problem(call(request("PUT", "/lines", [*lines, {"sku": "c"}])), 422)
    assert [error["pointer"] for error in document["errors"]] == ["#/2/quantity"]


def test_parameters_are_typed(call: Any) -> None:
    response = call(request("GET", "/orders/o-1", query="limit=3"))
    assert answer(response) == {"order_id": "o-1", "limit": 3}


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"lines": []}, ["#/customer"]),
        (
            {"customer": 1, "lines": [{"sku": "a", "quantity": 0}]},
            ["#/customer", "#/lines/0/quantity"],
        ),
        ({"customer": "c", "notes": {"a/b~c %d": "x"}}, ["#/notes/a~1b~0c%20%25d"]),
        ([], ["#"]),
        ([{"customer": "c"}, {"customer": "c"}], ["#"]),
        ("null", ["#"]),
        ("", ["#"]),
        (None, ["#"]),
        ("7", ["#"]),
    ],
)
def test_a_wrong_field_of_the_body_is_named(call: Any, body: Any, pointers: list[str]) -> None:
    document = problem(call(request("POST", "/orders", body)), 422)
    assert [error["pointer"] for error in document["errors"]] == pointers
    assert all(error["detail"] for error in document["errors"])


def test_a_wrong_parameter_is_named(call: Any) -> None:
    document = problem(call(request("GET", "/orders/o-1", query="limit=0")), 422)
    assert document["errors"] == [
        {
            "detail": "Input should be greater than or equal to 1",
            "in": "query",
            "parameter": "limit",
        }
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "line 1 column 1"),
        ('{"customer": NaN}', "line 1 column 14"),
        ('{"customer": Infinity}', "line 1 column 14"),
        ('{"customer": -Infinity}', "invalid number"),
        ('{"customer": "\\ud800"}', "hex escape"),
        ("[" * 499, "not JSON"),
        ("9" * 490, "422"),
        ("customer=c", "line 1 column 1"),
    ],
)
def test_malformed_json_is_a_bad_request(call: Any, body: str, says: str) -> None:
    if says == "422":  # JSON, but not an order
        problem(call(request("POST", "/orders", body)), 422)
        return
    assert says in problem(call(request("POST", "/orders", body)), 400)["detail"]


def test_json_too_deep_or_too_long_to_read_is_a_bad_request(lambda_context: Any) -> None:
    roomy = HttpApp("Roomy", "1")
    roomy.post("/orders")(add)
    for body in ("[" * 200_000, "9" * 200_000):
        problem(roomy.resolve(request("POST", "/orders", body), lambda_context), 400)


@pytest.mark.parametrize("body", ["*", "é", base64.b64encode(b"\xff{}").decode()])
def test_a_body_that_cannot_be_decoded_is_a_bad_request(call: Any, body: str) -> None:
    event = request("POST", "/orders") | {"body": body, "isBase64Encoded": True}
    problem(call(event), 400)


def test_a_base64_body_is_decoded(call: Any) -> None:
    body = base64.b64encode('{"customer": "é"}'.encode()).decode()
    event = request("POST", "/orders") | {"body": body, "isBase64Encoded": True}
    assert answer(call(event)) == {"quantity": 0}


def test_an_unknown_path_is_not_found(call: Any) -> None:
    assert "/nowhere" in problem(call(request("GET", "/nowhere")), 404)["detail"]


def test_another_method_is_told_which_are_allowed(call: Any) -> None:
    response = call(request("PUT", "/orders/o-1", "not JSON"))
    problem(response, 405)
    assert response["headers"]["Allow"] == "DELETE, GET"


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_over_the_limit_is_too_large(call: Any, encoded: bool) -> None:
    fitting = json.dumps({"customer": "c"}).ljust(MAX_BODY_BYTES)
    for text, status in ((fitting, 200), (fitting + " ", 413)):
        body = base64.b64encode(text.encode()).decode() if encoded else text
        response = call(request("POST", "/orders", body) | {"isBase64Encoded": encoded})
        assert response["statusCode"] == status
    problem(response, 413)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""],
)
def test_another_media_type_is_unsupported(call: Any, content_type: str) -> None:
    event = request("POST", "/orders", {"customer": "c"}, headers={"content-type": content_type})
    response = call(event)
    problem(response, 415)
    assert response["headers"]["Accept"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"CONTENT-TYPE": "Application/JSON; charset=utf-8"},
        {"content-type": "application/vnd.shop+json"},
    ],
)
def test_json_by_any_name_is_accepted(call: Any, headers: dict[str, str]) -> None:
    assert answer(call(request("POST", "/orders", {"customer": "c"}, headers=headers)))


def test_a_body_that_a_route_does_not_read_does_not_matter(call: Any) -> None:
    event = request("GET", "/orders/o-1", "text", headers={"content-type": "text/plain"})
    assert call(event)["statusCode"] == 200


def test_an_error_of_a_route_is_a_problem(call: Any) -> None:
    assert problem(call(request("DELETE", "/orders/o-1")), 403)["detail"] == "o-1 is paid"


@pytest.mark.parametrize("path", ["/secret", "/panic", "/wrong-answer", "/not-a-number"])
def test_a_failure_tells_nothing_and_is_counted(
    call: Any, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = problem(call(request("GET", path)), 500)
    assert "request_id" in document["detail"]
    assert "hunter2" not in json.dumps(document)
    output = capsys.readouterr().out
    assert emf.values(output, "RequestsFailed") == [1]
    assert {"service": "test-service", "function_version": "7"} in emf.dimensions(
        output, "RequestsFailed"
    )


def test_errors_of_callers_are_not_failures(call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call(request("GET", "/nowhere"))
    assert emf.values(capsys.readouterr().out, "RequestsFailed") == []


@pytest.mark.parametrize(
    ("context", "caller"),
    [
        (
            {"subject": "u-1", "scope": "read write"},
            {"subject": "u-1", "scopes": ["read", "write"]},
        ),
        ({"subject": "u-1"}, {"subject": "u-1", "scopes": []}),
        ({}, {}),
        (None, {}),
    ],
)
def test_the_caller_comes_from_the_authorizer(call: Any, context: Any, caller: Any) -> None:
    for path in ("/caller", "/topic/caller"):
        assert answer(call(request("GET", path, authorizer=context))) == caller


def test_routes_of_a_router_are_as_those_of_the_app(call: Any) -> None:
    line = {"sku": "a", "quantity": 2}
    assert answer(call(request("POST", "/topic/a", line))) == line
    assert ("POST", "/topic/{name}") in app.routes
    bad = answer(call(request("POST", "/topic/a", line | {"quantity": 0})))
    assert bad["errors"][0]["pointer"] == "#/quantity"
    [error] = answer(call(request("POST", "/topic/abcd", line)))["errors"]
    assert (error["in"], error["parameter"]) == ("path", "name")


def test_a_caller_is_a_value() -> None:
    assert Caller("u", frozenset({"a"})) == Caller("u", frozenset({"a"}))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None, "headers": None, "body": None},
        {"rawPath": "/orders", "requestContext": {"http": {"method": "post"}}},
        {"requestContext": "text"},
        {"headers": "text"},
        {"body": 7, "rawPath": "/orders", "requestContext": {"http": {"method": "POST"}}},
        {"body": "\ud800", "rawPath": "/orders", "requestContext": {"http": {"method": "POST"}}},
        [],
        None,
    ],
)
def test_any_event_gets_a_valid_answer(call: Any, event: Any, lambda_context: Any) -> None:
    response = call(event)
    assert response["statusCode"] >= 400
    assert problem(response, response["statusCode"])["request_id"] == lambda_context.aws_request_id


@given(
    body=st.none() | st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()),
    encoded=st.booleans() | st.none(),
    headers=st.none() | st.dictionaries(st.text(), st.text() | st.none()),
    path=st.sampled_from(["/orders", "/orders/1", "/caller", "/"]) | st.text(),
    method=st.sampled_from(["GET", "post", "PUT", "DELETE"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_makes_the_function_fail(
    call: Any, body: Any, encoded: Any, headers: Any, path: str, method: str
) -> None:
    event = request(method, path) | {
        "body": body,
        "isBase64Encoded": encoded,
        "headers": headers,
    }
    response = call(event)
    answer(response)
    assert response["statusCode"] < 500


def test_the_routes_are_listed() -> None:
    assert ("GET", "/orders/{order_id}") in app.routes
    assert ("POST", "/orders") in app.routes


def test_the_document_describes_routes_and_problems() -> None:
    document = app.openapi()
    assert document["openapi"].startswith("3.1")
    assert document["info"] == {"title": "Orders", "version": "1.2.3"}
    post = document["paths"]["/orders"]["post"]
    assert set(post["responses"]) == {"200", "400", "413", "415", "422", "500"}
    schema = post["responses"]["422"]["content"][PROBLEM_JSON]["schema"]
    assert schema == {"$ref": "#/components/schemas/Problem"}
    assert "400" not in document["paths"]["/orders/{order_id}"]["get"]["responses"]
    assert "ValidationError" not in json.dumps(document)


def test_the_answer_to_a_bad_request_matches_the_document(call: Any) -> None:
    import jsonschema

    schema = app.openapi()["components"]["schemas"]["Problem"]
    for event in (request("POST", "/orders", {}), request("GET", "/orders/1", query="limit=x")):
        jsonschema.validate(answer(call(event)), schema)
