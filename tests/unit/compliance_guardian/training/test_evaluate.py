"""Evaluation of compliance-guardian on texts with labelled places."""

import json
import subprocess
import sys

import pytest

from card_payments import simulate
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


def test_labels_of_unknown_kinds_are_listed_and_left_out(tmp_path):
    file = tmp_path / "texts.jsonl"
    text = "Mia paid with card 4539578763621486"
    spans = [
        {"kind": "PERSON", "start": 0, "end": 3},
        {"kind": "CREDIT_CARD", "start": 19, "end": 35},
    ]
    file.write_text(json.dumps({"text": text, "spans": spans}) + "\n")

    found = json.loads(evaluate("--data", file, "--json").stdout)

    assert found["labels of unknown kinds, left out"] == {"person": 1}
    assert list(found["recall"]) == ["card_number"]
    assert found["recall"]["card_number"]["share"] == 1


def test_bad_data_is_one_clear_error(tmp_path):
    done = evaluate("--data", tmp_path / "missing.jsonl")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'missing.jsonl'} cannot be read")
    assert done.stderr.count("\n") == 1


def test_a_file_of_payments_is_measured_for_fraud(tmp_path):
    file = tmp_path / "payments.csv"
    simulate(7, customers=60, days=45).write_csv(file)

    found = json.loads(evaluate("--data", file, "--split", "2021-04-05", "--json").stdout)

    assert list(found) == ["fraud"]
    assert found["fraud"]["weeks"] == ["2021-04-05"]
    assert len(found["fraud"]["models"]) == 5


def test_payments_that_cannot_be_measured_are_one_clear_error(tmp_path):
    file = tmp_path / "payments.parquet"
    simulate(7, customers=10, days=20).write_parquet(file)

    done = evaluate("--data", file)

    assert done.returncode == 1
    assert done.stderr.startswith("error: the payments are of 20 days; 42 are needed")
    assert done.stderr.count("\n") == 1
    other = evaluate("--data", file, "--split", "monday")
    assert "'monday' is not a list of dates; write them as 2018-07-25" in other.stderr


def test_without_public_payments_training_says_where_to_get_them(tmp_path, training_module):
    sources = training_module("sources")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLEET_DATA_DIR", str(tmp_path))
        with pytest.raises(sources.PaymentsError, match="no payments: set FLEET_DATA_DIR"):
            sources.payments_file(None)
        (tmp_path / sources.FILE).touch()
        assert sources.payments_file(None) == tmp_path / sources.FILE
    assert sources.payments_file(tmp_path / "own.csv") == tmp_path / "own.csv"
