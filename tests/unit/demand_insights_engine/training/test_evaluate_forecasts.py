"""Evaluation of forecasts on a small file of the M4 competition's form."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_forecasts")


def written(path, rows):
    lines = [",".join(["id", *map(str, range(rows.shape[1]))])]
    for at, row in enumerate(rows):
        known = row[~np.isnan(row)]
        lines.append(f"Q{at},{','.join(f'{value:.3f}' for value in known)}")
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
    assert found["models"][module.NAIVE2]["OWA"] == 1
    ours, naive2 = (found["quantiles"][name]["pinball"] for name in (module.OURS, module.NAIVE2))
    assert ours < naive2
    assert found["series whose test recurs"] == 0
    assert found["without them"]["models"] == found["models"]
    assert any(module.OURS in line for line in module.lines(found))


def test_series_whose_test_recurs_are_left_out_the_second_time(module, tmp_path):
    values = np.random.default_rng(2).normal(100, 3, (12, 48))
    values[1, 10:18] = values[0, 40:]
    train = tmp_path / "Quarterly-train.csv"
    written(train, values[:, :40])
    written(tmp_path / "Quarterly-test.csv", values[:, 40:])
    found = module.evaluate(train)
    assert found["series whose test recurs"] == 1
    assert found["without them"]["models"] != found["models"]
    assert any("without 1 series" in line for line in module.lines(found))


def hourly():
    hours = np.arange(24 * 7 * 5)
    season = 1 + 0.4 * np.sin(hours * np.pi / 12) + 0.3 * (hours // 24 % 7 > 4)
    return np.random.default_rng(5).normal(100, 4, (6, len(hours))) * season


def daily():
    days = np.arange(150)
    return np.random.default_rng(6).normal(50, 3, (8, 150)) * (1 + 0.3 * (days % 7 > 4))


def yearly():
    """Some too short to be judged by a past of their own."""
    grown = np.random.default_rng(7).normal(1, 0.5, (8, 30)).cumsum(axis=1) + 50
    grown[:3, :18] = np.nan
    return grown


@pytest.mark.parametrize(
    ("name", "make"), [("Hourly", hourly), ("Daily", daily), ("Yearly", yearly)]
)
def test_other_frequencies_beat_naive2(module, tmp_path, name, make):
    values = make()
    steps = module.m4.FREQUENCIES[name.lower()].horizon
    train = tmp_path / f"{name}-train.csv"
    written(train, values[:, :-steps])
    written(tmp_path / f"{name}-test.csv", values[:, -steps:])
    found = module.evaluate(train)
    assert found["models"][module.OURS]["OWA"] < 1


def test_without_data_the_error_says_what_to_set(module, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    with pytest.raises(Exception, match="set FLEET_DATA_DIR"):
        module.m4_file(None)
