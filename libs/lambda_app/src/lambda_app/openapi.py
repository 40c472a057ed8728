"""The errors of every route, in the OpenAPI document that Powertools generates from the routes."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

_PROBLEM = {
    "title": "Problem",
    "description": "A problem document of RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer to the wrong field of the body",
                    },
                    "in": {"type": "string", "enum": ["query", "path", "header", "cookie"]},
                    "parameter": {"type": "string"},
                },
            },
        },
    },
}
_ANY_ROUTE = {"422": "The request does not have the form that is described here", "500": "Failure"}
_ROUTE_WITH_BODY = {
    "400": "The body is not JSON",
    "413": "The body is too large",
    "415": "The body is not of type application/json",
}


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document with problem documents in place of Powertools' own error bodies."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    for operations in document["paths"].values():
        for operation in operations.values():
            errors = _ANY_ROUTE | (_ROUTE_WITH_BODY if "requestBody" in operation else {})
            declared = {
                status: answer
                for status, answer in operation["responses"].items()
                if status not in errors
            }
            problems = {status: _answer(text) for status, text in errors.items()}
            operation["responses"] = dict(sorted((declared | problems).items()))
    return document


def _answer(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }


def main() -> None:
    """Print the OpenAPI document of the app that a handler's module holds: `... MODULE`."""
    from lambda_app.http import HttpApp

    [name] = sys.argv[1:]
    apps = {
        id(v): v for v in vars(importlib.import_module(name)).values() if isinstance(v, HttpApp)
    }
    if len(apps) != 1:
        sys.exit(f"{name} holds {len(apps)} HttpApp objects; import exactly one into it")
    [app] = apps.values()
    sys.stdout.write(json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
