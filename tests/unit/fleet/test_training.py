"""Training and evaluation run a function's own scripts, with its own sources and libs."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet import cli, training
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


def test_other_data_and_dates_reach_the_scripts(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        training, "run", lambda _, name, script, arguments, progress: calls.append(arguments) or 0
    )
    name = next(iter(CATALOGUE_WITHOUT_MODELS.images))
    given = {"DATA": str(tmp_path / "a.csv"), "SPLIT": "2018-07-25", "FUNCTION": name}

    for command in ("train", "evaluate"):
        CliRunner().invoke(cli.app, [command], env=given, catch_exceptions=False)
        CliRunner().invoke(
            cli.app,
            [command],
            env={"DATA": "", "SPLIT": "", "FUNCTION": name},
            catch_exceptions=False,
        )

    data = ["--data", str(tmp_path / "a.csv")]
    assert calls == [data, [], [*data, "--split", "2018-07-25"], []]
