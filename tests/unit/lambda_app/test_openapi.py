"""`python -m lambda_app.openapi MODULE`, as `make openapi` runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "libs" / "lambda_app" / "src"

ROUTES = """
from lambda_app.http import HttpApp
app = HttpApp("Greetings", "2.0")
@app.get("/greetings/<name>")
def greet(name: str) -> dict[str, str]:
    return {"greeting": name}
"""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lambda_app.openapi", "handler"],
        env={"PYTHONPATH": os.pathsep.join(map(str, (folder, SOURCE)))},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_document_of_a_handler_s_app_is_printed(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(ROUTES)
    (tmp_path / "handler.py").write_text("from routes import app\nlambda_handler = app.resolve\n")
    done = run(tmp_path)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["info"] == {"title": "Greetings", "version": "2.0"}
    assert list(document["paths"]) == ["/greetings/{name}"]


@pytest.mark.parametrize(
    ("handler", "count"), [("", 0), (ROUTES + "other = HttpApp('Other', '1')", 2)]
)
def test_a_handler_without_exactly_one_app_is_refused(
    tmp_path: Path, handler: str, count: int
) -> None:
    (tmp_path / "handler.py").write_text(handler)
    done = run(tmp_path)
    assert done.returncode
    assert f"handler holds {count} HttpApp objects" in done.stderr
