"""HTTP APIs behind API Gateway: routes validated by pydantic, errors as problem documents.

`HttpApp` is Powertools' resolver for payload format 2.0 with one behaviour for all systems: every
error is an RFC 9457 problem document that names the wrong field, every answer has the request's id.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic_core import from_json

from lambda_app import openapi
from lambda_app.containment import contained
from lambda_app.observability import count, count_failures, logger

PROBLEM_JSON = "application/problem+json"
REQUEST_ID = "x-request-id"
DEFAULT_MAX_BODY_BYTES = 1024**2


class ProblemError(Exception):
    """An answer other than success. Routes raise it to say what is wrong with a request.

    `errors` are entries of the problem document: `detail`, and `pointer` (a JSON pointer into the
    body) or `parameter` and `in` (query, path, header, cookie).
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.headers = dict(headers or {})
        super().__init__(f"{status.value} {status.phrase}: {detail}")


@dataclass(frozen=True)
class Caller:
    """Who calls, from the authorizer's context: `subject`, and `scope` with blanks between."""

    subject: str
    scopes: frozenset[str]


class HttpApp(APIGatewayHttpResolver):
    """An HTTP API. Its routes are declared with `@app.get`, `@app.post`, and so on.

    `title` and `version` are those of the OpenAPI document. A request whose body exceeds
    `max_body_bytes` is answered with 413.
    """

    def __init__(
        self, title: str, version: str, *, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    ) -> None:
        super().__init__(
            debug=False,
            enable_validation=True,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            serializer=partial(json.dumps, separators=(",", ":"), allow_nan=False),
            json_body_deserializer=_parse_json,
        )
        self._title = title
        self._version = version
        self._max_body_bytes = max_body_bytes
        # Powertools looks a handler up by the error's classes, so this one gets every error.
        self.exception_handler(Exception)(self._failed)

    @property
    def caller(self) -> Caller | None:
        """Who calls; None where the route has no authorizer."""
        return _caller(self.current_event)

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Method and path of every route, the path with `{name}` for its parameters."""
        return sorted((route.method, route.openapi_path) for route in self._all_routes())

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of the routes."""
        document = json.loads(
            self.get_openapi_json_schema(title=self._title, version=self._version)
        )
        return openapi.with_problems(document)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer an event of API Gateway, in payload format 2.0, whatever the event is."""
        request_id = _request_id(event, context)
        count("Requests")
        try:
            with contained():
                answer = super().resolve(self._checked(event), context)
        except Exception as error:
            answer = _payload(_problem(error))
        answer["headers"][REQUEST_ID] = request_id
        if answer["headers"].get("Content-Type") == PROBLEM_JSON:
            answer["body"] = json.dumps({**json.loads(answer["body"]), "request_id": request_id})
        if answer["statusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            count_failures(context, RequestsFailed=1)
        return answer

    def _checked(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event with its body as text, once routing and the body's form are found good.

        Raises ProblemError.
        """
        request = _with_defaults(event)
        route = self._route(request)
        body = _body(request, self._max_body_bytes)
        request |= {"body": None, "isBase64Encoded": False}
        if not body or not route.dependant.body_params:
            return request
        content_type = request["headers"].get("content-type", "application/json")
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"The body is {media_type or 'of no type'}; send application/json.",
                headers={"Accept": "application/json"},
            )
        try:
            request["body"] = body.decode()
        except UnicodeDecodeError as error:
            raise _bad_request(
                f"The body is not UTF-8: {error.reason} at byte {error.start}."
            ) from error
        request["headers"]["content-type"] = "application/json"
        return request

    def _route(self, request: Mapping[str, Any]) -> Route:
        http = request["requestContext"]["http"]
        method = http["method"].upper()
        path = self._to_proxy_event(dict(request)).path
        matching = [route for route in self._all_routes() if route.rule.match(path)]
        for route in matching:
            if route.method == method:
                return route
        if not matching:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"There is no resource at {path}.")
        allowed = ", ".join(sorted({route.method for route in matching}))
        raise ProblemError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{path} does not answer {method}, only {allowed}.",
            headers={"Allow": allowed},
        )

    def _all_routes(self) -> list[Route]:
        # Powertools matches them in this order and has no public list of them.
        return [*self._static_routes, *self._dynamic_routes]

    def _failed(self, error: Exception) -> Response[str]:
        return _problem(error)


class HttpRouter(APIGatewayHttpRouter):
    """Routes of one topic, declared as those of an HttpApp, which takes them in by
    `include_router`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def caller(self) -> Caller | None:
        """Who calls; None where the route has no authorizer."""
        return _caller(self.current_event)


def _caller(event: APIGatewayProxyEventV2) -> Caller | None:
    context = event.request_context.authorizer.get_lambda
    if not context.get("subject"):
        return None
    return Caller(
        subject=str(context["subject"]),
        scopes=frozenset(str(context.get("scope") or "").split()),
    )


def _problem(error: Exception) -> Response[str]:
    """The problem document of an error. What was not meant for the caller is logged, not told."""
    match error:
        case ProblemError():
            problem = error
        case RequestValidationError():
            problem = ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "The request does not have the form that the API describes; see errors.",
                errors=[_field_error(entry) for entry in error.errors()],
            )
        case ServiceError() if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            problem = ProblemError(HTTPStatus(error.status_code), str(error.msg))
        case _:
            logger.exception("request failed", exc_info=error)
            problem = ProblemError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "The request failed for a reason on our side; quote request_id when you report it.",
            )
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = problem.errors
    return Response(
        status_code=problem.status.value,
        content_type=PROBLEM_JSON,
        body=json.dumps(document),
        headers=problem.headers,
    )


def _payload(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "body": response.body,
        "isBase64Encoded": False,
        "headers": dict(response.headers),
        "cookies": [],
    }


def _field_error(entry: Mapping[str, Any]) -> dict[str, str]:
    """An error of pydantic as RFC 9457's extension `errors` has it."""
    place, *path = entry["loc"]
    detail = str(entry["msg"])
    if place == "body":
        steps = (
            quote(str(step).replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@")
            for step in path
        )
        return {"detail": detail, "pointer": "#" + "".join(f"/{step}" for step in steps)}
    return {"detail": detail, "in": str(place), "parameter": ".".join(map(str, path))}


def _with_defaults(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with what Powertools takes for granted; header names in lower case."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    path = event.get("rawPath") or http.get("path") or "/"
    return {
        **event,
        "rawPath": path,
        "rawQueryString": event.get("rawQueryString") or "",
        "headers": {
            str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()
        },
        "requestContext": {
            **context,
            "stage": context.get("stage") or "$default",
            "http": {**http, "method": http.get("method") or "GET", "path": path},
        },
    }


def _body(request: Mapping[str, Any], limit: int) -> bytes:
    """The body, decoded. Raises ProblemError where it is too large or not base64."""
    text = request.get("body") or ""
    try:
        body = (
            base64.b64decode(text, validate=True)
            if request.get("isBase64Encoded")
            else text.encode()
        )
    except ValueError as error:
        raise _bad_request("The body is not valid base64, or not valid Unicode.") from error
    if len(body) > limit:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body has {len(body)} bytes; at most {limit} are accepted.",
        )
    return body


def _parse_json(text: str) -> Any:
    """What is JSON and valid Unicode, in a third of the standard library's time.

    Raises ProblemError.
    """
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise _bad_request(f"The body is not JSON: {error}.") from error
    # Of a list that is not expected, Powertools would take the first entry and drop the others.
    return tuple(value) if isinstance(value, list) else value


def _bad_request(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, detail)


def _request_id(event: Mapping[str, Any], context: LambdaContext) -> str:
    """API Gateway's id of the request, or Lambda's where the event has none."""
    http_context = event.get("requestContext") if isinstance(event, Mapping) else None
    found = http_context.get("requestId") if isinstance(http_context, Mapping) else None
    return str(found or context.aws_request_id)
