"""Evaluation of demand-insights-engine: the metrics of its card, and clear errors."""

import json
import subprocess
import sys

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from modelkit import artefact

HEAD = "series,week,units,is_unusual\n"
WEEKS = [f"2011-01-{day:02}" for day in range(1, 10)]


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    catalogue = load(CATALOGUE)
    return subprocess.run(
        [
            sys.executable,
            training.folder_of(catalogue, "demand-insights-engine") / "evaluate.py",
            *arguments,
        ],
        env=training.environment(catalogue, "demand-insights-engine"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_built_in_data_gives_the_metrics_of_the_card():
    card = artefact.load("demand_insights_engine").card

    found = json.loads(evaluate("--json").stdout)

    assert found["metrics"] == card.metrics
    assert found["baselines"] == card.baselines


def test_other_data_gives_a_table(tmp_path):
    file = tmp_path / "sales.csv"
    rows = [f"a,{week},{40 + number},0\n" for number, week in enumerate(WEEKS)]
    file.write_text(f"{HEAD}{''.join(rows)}a,2011-02-01,900,1\n")

    done = evaluate("--data", file)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sales.csv: 10 rows")
    assert "three_sigma" in done.stdout


def test_bad_data_is_one_clear_error(tmp_path):
    done = evaluate("--data", tmp_path / "missing.csv")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'missing.csv'} cannot be read")
    assert done.stderr.count("\n") == 1
