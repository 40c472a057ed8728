"""Training and evaluation run a function's own scripts, with its own sources and libs."""

import os
from pathlib import Path

import pytest

from fleet import training
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, LIBS

CATALOGUE_WITHOUT_MODELS = load(CATALOGUE)


def test_a_function_without_a_model_is_named():
    name = next(
        name
        for name in CATALOGUE_WITHOUT_MODELS.images
        if not training.folder_of(CATALOGUE_WITHOUT_MODELS, name).exists()
    )

    with pytest.raises(FleetError, match=rf"{name} has no .*training/train.py; .*: "):
        training.run(CATALOGUE_WITHOUT_MODELS, name, "train.py", [], print)


def test_scripts_find_sources_and_the_libs_that_are_named(tmp_path, monkeypatch):
    folder = tmp_path / "shop/training"
    folder.mkdir(parents=True)
    library = os.path.relpath(LIBS / "modelkit", folder)
    (folder / "requirements.in").write_text(f"numpy\n{library}\n")
    monkeypatch.setattr(training, "folder_of", lambda catalogue, function: folder)

    path = training.environment(CATALOGUE_WITHOUT_MODELS, "shop")["PYTHONPATH"]

    assert [Path(part).resolve() for part in path.split(os.pathsep)] == [
        tmp_path / "shop/src",
        LIBS / "modelkit/src",
    ]
