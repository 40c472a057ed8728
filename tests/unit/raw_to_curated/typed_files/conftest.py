"""Reads in the process of the tests; test_child.py starts workers."""

from __future__ import annotations

import pytest

from data_plane import in_process
from raw_to_curated.typed_files import excel, parquet


@pytest.fixture(autouse=True)
def worker_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "worker", in_process.worker)
    monkeypatch.setattr(excel, "worker", in_process.worker)
