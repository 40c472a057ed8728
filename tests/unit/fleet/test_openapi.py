"""`make openapi`: which functions have a document, and when it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fleet import openapi
from fleet.catalogue import Catalogue
from fleet.errors import FleetError

CATALOGUE = """
project: test
functions:
  greetings:
    folder: apis/greetings
    description: Greets
    handler: handler.lambda_handler
    memory_mb: 128
    timeout_s: 3
    triggers:
      - {type: http, route: GET /greetings, open: true}
    budgets: {image_mb: 200, init_ms: 1000}
  sweeper:
    folder: apis/sweeper
    description: Sweeps
    handler: handler.lambda_handler
    memory_mb: 128
    timeout_s: 3
    triggers:
      - {type: schedule, expression: rate(1 day)}
    budgets: {image_mb: 200, init_ms: 1000}
"""
HANDLER = """
from lambda_app.http import HttpApp
app = HttpApp("Greetings", "1")
@app.get("/greetings")
def greet() -> dict[str, str]:
    return {"greeting": "hello"}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(openapi, "ROOT", tmp_path)
    handler = tmp_path / "apis" / "greetings" / "src" / "handler.py"
    handler.parent.mkdir(parents=True)
    handler.write_text(HANDLER)
    return handler


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.model_validate(yaml.safe_load(CATALOGUE))


def test_only_functions_with_routes_have_a_document(catalogue: Catalogue) -> None:
    assert openapi.with_routes(catalogue) == ["greetings"]


def test_a_document_is_written_when_its_routes_change(source: Path, catalogue: Catalogue) -> None:
    document = openapi.path(catalogue, "greetings")
    assert openapi.write(catalogue, ["greetings"]) == [document]
    assert openapi.write(catalogue, ["greetings"]) == []
    source.write_text(HANDLER.replace("/greetings", "/hellos"))
    assert openapi.write(catalogue, ["greetings"]) == [document]
    assert "/hellos" in document.read_text()


def test_a_handler_that_cannot_be_imported_is_named_with_its_error(
    source: Path, catalogue: Catalogue
) -> None:
    source.write_text("import no_such_module")
    with pytest.raises(FleetError, match=r"greetings: (.|\n)*No module named 'no_such_module'"):
        openapi.write(catalogue, ["greetings"])
