"""The routes in code, in openapi.json and in the catalogue are the same."""

from __future__ import annotations

import json

import pytest

from fleet import openapi
from fleet.catalogue import load
from fleet.paths import CATALOGUE

FUNCTIONS = load(CATALOGUE)
WITH_ROUTES = openapi.with_routes(FUNCTIONS)


def test_every_document_belongs_to_a_function_with_routes() -> None:
    folders = {function.folder for function in FUNCTIONS.functions.values()}
    found = {CATALOGUE.parent / folder / "openapi.json" for folder in folders}
    expected = {openapi.path(FUNCTIONS, name) for name in WITH_ROUTES}
    assert {path for path in found if path.exists()} == expected


@pytest.mark.parametrize("name", WITH_ROUTES)
def test_the_document_is_what_the_routes_say(name: str) -> None:
    written = openapi.path(FUNCTIONS, name).read_text()
    assert json.loads(written) == json.loads(openapi.document(FUNCTIONS, name)), "run make openapi"


@pytest.mark.parametrize("name", WITH_ROUTES)
def test_the_routes_are_those_of_the_catalogue(name: str) -> None:
    document = json.loads(openapi.document(FUNCTIONS, name))
    in_code = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    triggers = FUNCTIONS.functions[name].triggers
    assert in_code == {trigger.route for trigger in triggers if trigger.type == "http"}
