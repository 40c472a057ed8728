"""Training of demand-insights-engine gives the model that is in the package, byte for byte."""

from importlib.resources import files


def test_the_same_code_gives_the_same_bytes(training_module, tmp_path):
    training_module("train").train(tmp_path)

    model = files("demand_insights_engine") / "model"
    trained = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert trained == {path.name: path.read_bytes() for path in model.iterdir()}
