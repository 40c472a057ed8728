"""Evaluation of forecasts on a small file of the M4 competition's form."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_forecasts")


def written(path, rows):
    lines = [",".join(["id", *map(str, range(rows.shape[1]))])]
    lines += [f"Q{at},{','.join(f'{value:.3f}' for value in row)}" for at, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n")


def test_all_methods_are_measured_beside_naive2(module, tmp_path):
    noise = np.random.default_rng(1).normal(100, 3, (12, 48))
    values = noise * np.tile([0.8, 1.0, 1.3, 0.9], 12)
    train = tmp_path / "Quarterly-train.csv"
    written(train, values[:, :40])
    written(tmp_path / "Quarterly-test.csv", values[:, 40:])
    found = module.evaluate(train)
    assert found["series"] == 12
    for one in found["models"].values():
        low, high = one["95 % interval"]
        assert low <= one["OWA"] <= high
    assert found["models"][module.OURS]["OWA"] < 1
    assert any(module.OURS in line for line in module.lines(found))


def test_without_data_the_error_says_what_to_set(module, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    with pytest.raises(Exception, match="set FLEET_DATA_DIR"):
        module.m4_file(None)
