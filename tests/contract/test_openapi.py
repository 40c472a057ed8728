"""The routes in code, in openapi.json and in the catalogue are the same."""

from __future__ import annotations

import json

import pytest

from fleet import openapi
from fleet.catalogue import load
from fleet.paths import CATALOGUE

FLEET = load(CATALOGUE)


@pytest.mark.parametrize("name", FLEET.functions)
def test_code_document_and_catalogue_have_the_same_routes(name: str) -> None:
    path = openapi.path(FLEET, name)
    if name not in openapi.with_routes(FLEET):
        assert not path.exists() or any(
            path == openapi.path(FLEET, other) for other in openapi.with_routes(FLEET)
        ), "delete openapi.json: no function of this folder has HTTP routes"
        return
    document = json.loads(openapi.document(FLEET, name))
    assert path.exists(), "run make openapi"
    assert json.loads(path.read_text()) == document, "run make openapi"
    in_code = {
        f"{method.upper()} {route}"
        for route, operations in document["paths"].items()
        for method in operations
    }
    triggers = FLEET.functions[name].triggers
    assert in_code == {trigger.route for trigger in triggers if trigger.type == "http"}
