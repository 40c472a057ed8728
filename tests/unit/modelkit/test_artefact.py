"""Artefacts: what `write` writes, `load` loads, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_card import CARD
from modelkit import artefact
from modelkit.artefact import Artefact, ArtefactError
from modelkit.card import ArtefactFile

ARTEFACT = Artefact(CARD, b"model")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an importable package without a model."""
    name = f"package_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


@pytest.fixture
def folder(package: str, tmp_path: Path) -> Path:
    return tmp_path / package / "model"


def test_what_was_written_is_loaded(package: str, folder: Path) -> None:
    assert artefact.write(folder, ARTEFACT)
    assert artefact.load(package) == ARTEFACT


def test_the_same_model_is_not_written_again(folder: Path) -> None:
    artefact.write(folder, ARTEFACT)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert not artefact.write(folder, ARTEFACT)
    after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert after == before
    assert sorted(after) == ["card.json", "model.json"]


def test_any_user_may_read_the_files(folder: Path) -> None:
    artefact.write(folder, ARTEFACT)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_content_that_is_not_the_card_s_is_refused(package: str, folder: Path) -> None:
    artefact.write(folder, ARTEFACT)
    (folder / "model.json").write_bytes(b"another model")
    with pytest.raises(
        ArtefactError, match=r"model\.json has sha256 .*, its card says .*make train"
    ):
        artefact.load(package)


def test_a_card_of_another_artefact_is_not_written(folder: Path) -> None:
    card = replace(CARD, artefact=ArtefactFile.of("model.json", b"other"))
    with pytest.raises(ArtefactError, match="the card is of another artefact"):
        artefact.write(folder, Artefact(card, b"model"))
    assert not folder.exists()


@pytest.mark.parametrize("gone", ["card.json", "model.json", ""])
def test_a_missing_file_is_named_with_the_remedy(package: str, folder: Path, gone: str) -> None:
    if gone:
        artefact.write(folder, ARTEFACT)
        (folder / gone).unlink()
    with pytest.raises(ArtefactError, match=rf"lacks .*{gone or 'card.json'}; run make train"):
        artefact.load(package)


def test_a_card_that_is_none_is_named_with_the_remedy(package: str, folder: Path) -> None:
    artefact.write(folder, ARTEFACT)
    (folder / "card.json").write_text("{}")
    with pytest.raises(ArtefactError, match=r"card\.json: data is None.*make train"):
        artefact.load(package)


def test_an_interrupted_write_leaves_the_files_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artefact.write(folder, ARTEFACT)
    other = replace(CARD, artefact=ArtefactFile.of("model.json", b"other"))

    def full(self: Path, target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        artefact.write(folder, Artefact(other, b"other"))
    assert {path.name for path in folder.iterdir()} == {"card.json", "model.json"}
    assert (folder / "model.json").read_bytes() == b"model"
