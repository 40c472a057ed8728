from __future__ import annotations

import os
from pathlib import Path

from fleet.cloud.process_mode import _keep_queues
from fleet.cloud.workers import fingerprint


def test_fingerprint_follows_the_sources(tmp_path: Path) -> None:
    source = tmp_path / "handler.py"
    source.write_text("a = 1")
    os.utime(source, ns=(0, 0))
    before = fingerprint([str(tmp_path), str(tmp_path / "missing")])
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    (cache / "handler.pyc").touch()
    assert fingerprint([str(tmp_path)]) == before
    os.utime(source, ns=(1, 1))
    assert fingerprint([str(tmp_path)]) != before


def test_saved_queues_follow_the_port(tmp_path: Path) -> None:
    state = tmp_path / "sqs.json"
    _keep_queues(state, 1)
    assert not state.exists()
    state.write_text('{"http://localhost:4566/0/a": "http://elsewhere:4566/"}')
    _keep_queues(state, 9)
    assert state.read_text() == '{"http://localhost:9/0/a": "http://elsewhere:4566/"}'
