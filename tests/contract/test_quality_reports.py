"""The data-quality reports of raw-to-curated's sample events, byte for byte as the files beside.

What depends on the machine or on the version of polars is masked: hashes and sizes of Parquet
files, and scores. A wanted change of the reports needs a new REPORT_VERSION and new files.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

import functions
from datalake.layout import REPORTS
from datalake.memory import MemoryStorage
from datalake.quality_report import CuratedReport, RejectionReport

EXPECTED = {path.stem: path for path in (Path(__file__).parent / "reports").glob("*.json")}
MASKED = re.compile(r'("(?:sha256|bytes|outlier_score)": )[^,\n]+')


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return functions.load_in_environment("raw-to-curated", monkeypatch)


@pytest.mark.parametrize("event", EXPECTED)
def test_a_report_keeps_its_bytes(
    event: str, module: ModuleType, lambda_context: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = MemoryStorage()
    monkeypatch.setattr(module, "service", lambda: module.Service(storage, module.settings()))
    differences = functions.replay(
        "raw-to-curated", event, lambda it: module.lambda_handler(it, lambda_context), storage
    )
    assert differences == []
    (key,) = storage.keys("curated", REPORTS)
    body = storage.get("curated", key).body
    assert MASKED.sub(r"\1…", body.decode()) == EXPECTED[event].read_text()
    model = RejectionReport if key.endswith("/rejection.json") else CuratedReport
    assert model.model_validate_json(body).to_json() == body


def test_every_report_of_a_sample_event_is_compared() -> None:
    samples = functions.sample_events("raw-to-curated")
    reported = {
        name
        for name, event in samples.items()
        for expected in event.expect.objects
        if (expected.key or "").startswith(REPORTS)
    }
    assert reported == EXPECTED.keys()
