from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fleet.cloud import environments
from fleet.errors import FleetError


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What uv is asked for, instead of installing it."""
    calls = []

    def uv(*arguments: str | Path, what: str) -> None:
        calls.append(str(arguments[0]))
        if arguments[0] == "venv":
            Path(arguments[-1]).mkdir()

    monkeypatch.setattr(environments, "_uv", uv)
    return calls


def test_unchanged_lock_installs_once(tmp_path: Path, calls: list[str]) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1")
    messages: list[str] = []
    first = environments.environment(tmp_path / "envs", "refine", lock, messages.append)
    again = environments.environment(tmp_path / "envs", "refine", lock, messages.append)
    assert first == again
    assert calls == ["venv", "pip"]
    assert messages == ["Installing refine ..."]


def test_changed_lock_replaces_the_whole(tmp_path: Path, calls: list[str]) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1")
    first = environments.environment(tmp_path / "envs", "refine", lock, str)
    (tmp_path / "envs/refine/old").touch()
    lock.write_text("a==2")
    second = environments.environment(tmp_path / "envs", "refine", lock, str)
    assert first.digest != second.digest
    assert first.path == second.path == tmp_path / "envs/refine/bin/python"
    assert [p.name for p in (tmp_path / "envs/refine").iterdir()] == [".digest"]


def test_failed_installation_is_tried_again(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1")

    def fails(*arguments: str | Path, what: str) -> None:
        raise FleetError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(environments, "_uv", fails)
        with pytest.raises(FleetError, match="no network"):
            environments.environment(tmp_path / "envs", "refine", lock, str)
    environments.environment(tmp_path / "envs", "refine", lock, str)
    assert calls == ["venv", "pip"]


def test_missing_lock_is_named(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"requirements\.txt is missing; make lock"):
        environments.environment(tmp_path, "refine", tmp_path / "requirements.txt", str)


def test_other_systems_are_told_to_use_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    from fleet.cloud.processes import require_linux

    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(FleetError, match="use Docker: make up MODE=docker"):
        require_linux()
