"""Evaluation of compliance-guardian on texts with labelled places."""

import json
import subprocess
import sys

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from shop.notes import notes
from shop.parameters import Parameters


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    catalogue = load(CATALOGUE)
    folder = training.folder_of(catalogue, "compliance-guardian")
    return subprocess.run(
        [sys.executable, folder / "evaluate.py", *arguments],
        env=training.environment(catalogue, "compliance-guardian"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_notes_of_the_made_up_shop(tmp_path):
    file = tmp_path / "notes.jsonl"
    with file.open("w") as out:
        for note in notes(Parameters(lines=1_000, seed=11)):
            out.write(
                json.dumps({"text": note.text, "spans": [vars(s) for s in note.spans]}) + "\n"
            )

    found = json.loads(evaluate("--data", file, "--json").stdout)

    for kind in ("card_number", "iban", "email", "phone"):
        assert found["recall"][kind]["share"] >= 0.99
        assert found["precision"][kind]["share"] >= 0.99


def test_bad_data_is_one_clear_error(tmp_path):
    done = evaluate("--data", tmp_path / "missing.jsonl")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'missing.jsonl'} cannot be read")
    assert done.stderr.count("\n") == 1
