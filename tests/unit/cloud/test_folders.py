from __future__ import annotations

import os
from pathlib import Path

import pytest

from fleet.cloud.folders import Folders, State, locked, read_state, try_lock, write_state
from fleet.cloud.settings import BatchSettings, FunctionSettings, Settings

STATE = State("process", "http://127.0.0.1:1", "fleet-local", "12345678", pids={"guard": 1})


def test_state_is_read_as_written(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    assert read_state(folders) is None
    write_state(folders, STATE)
    assert read_state(folders) == STATE
    assert [path.name for path in folders.cloud.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"mode": "process", "unknown": 1}'])
def test_unreadable_state_is_none(tmp_path: Path, text: str) -> None:
    folders = Folders(tmp_path)
    folders.cloud.mkdir()
    folders.state.write_text(text)
    assert read_state(folders) is None


def test_lock_has_one_holder(tmp_path: Path) -> None:
    path = tmp_path / "cloud" / "lock"
    assert not locked(path)
    holder = try_lock(path)
    assert holder is not None
    assert locked(path)
    assert try_lock(path) is None
    os.close(holder)
    assert not locked(path)


def test_settings_are_read_as_written(tmp_path: Path) -> None:
    from fleet.cloud.folders import write_json

    batch = BatchSettings("arn:aws:sqs:r:0:p-local-a-s3-1", 100, 20, 2)
    function = FunctionSettings(
        "a", "p-local-a", ["python"], "/src", {"A": "b"}, 3, ["/src"], [batch]
    )
    settings = Settings("p-local", "12345678", 4566, 4, "python", "rie", ["0"], [function])
    write_json(tmp_path / "settings.json", settings.as_json())
    assert Settings.read(tmp_path / "settings.json") == settings
