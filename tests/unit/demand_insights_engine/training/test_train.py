"""Training of demand-insights-engine gives the model that is in the package, byte for byte."""

import subprocess
import sys
from importlib.resources import files

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE


def test_the_same_data_and_seed_give_the_same_bytes(tmp_path):
    catalogue = load(CATALOGUE)
    script = training.folder_of(catalogue, "demand-insights-engine") / "train.py"

    subprocess.run(
        [sys.executable, script, "--folder", tmp_path],
        env=training.environment(catalogue, "demand-insights-engine"),
        check=True,
    )

    model = files("demand_insights_engine") / "model"
    trained = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert trained == {path.name: path.read_bytes() for path in model.iterdir()}
