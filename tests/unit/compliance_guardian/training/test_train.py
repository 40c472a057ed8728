"""A challenger replaces the model in the package only if it is better; equal data, equal bytes."""

import json
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from card_payments import simulate
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import Model
from modelkit import artefact


@pytest.fixture(scope="module")
def module(training_module):
    """With one quick baseline, and a small bag."""
    module, learners = training_module("train"), training_module("learners")
    name = "logistic regression, published features"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BASELINES", {name: module.BASELINES[name]})
        patch.setattr(learners, "MEMBERS", 2)
        patch.setattr(learners, "ROUNDS", 20)
        yield module


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("payments") / "payments.parquet"
    simulate(3, customers=100, days=52).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def trained(module, file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    said = module.train(file, folder)
    return folder, said


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_first_model_is_written_with_its_baselines(trained):
    folder, said = trained
    found = artefact.read(folder)

    assert said.startswith(f"wrote {folder}/fraud.json.gz: average precision 0.")
    assert found.card.created == date(2021, 3, 31)
    assert set(found.card.baselines) == {"logistic regression, published features"}
    model = Model.from_bytes("1.0", found.content)
    assert sum(one.frauds for one in model.calibration) > 0


def test_training_again_gives_the_same_bytes(module, file, trained, tmp_path):
    folder, _ = trained
    module.train(file, tmp_path)
    assert content_of(tmp_path) == content_of(folder)

    before = content_of(folder)
    assert module.train(file, folder).startswith("kept the current model")
    assert content_of(folder) == before


def test_a_better_challenger_replaces_the_model_and_the_card_says_by_how_much(
    module, file, tmp_path, monkeypatch
):
    boosters = module.boosters

    def of_amounts_alone(rows, fraud):
        return boosters(np.where(np.arange(len(FEATURES)) == 0, rows, np.nan), fraud)

    with monkeypatch.context() as worse:
        worse.setattr(module, "boosters", of_amounts_alone)
        module.train(file, tmp_path)
    old = artefact.read(tmp_path).card

    said = module.train(file, tmp_path)

    card = artefact.read(tmp_path).card
    assert card.baselines["the model it replaced"] == old.metrics
    assert card.metrics["average precision"] > old.metrics["average precision"]
    assert said.endswith(f"instead of {old.metrics['average precision']}")


def test_a_model_that_knows_the_weeks_is_not_compared_on_them(module, file, tmp_path):
    later = simulate(4, customers=100, days=52, start=datetime(2021, 6, 1))
    newer = tmp_path / "newer.parquet"
    later.write_parquet(newer)
    folder = tmp_path / "model"
    module.train(newer, folder)

    with pytest.raises(module.PaymentsError, match="was trained on payments until 2021-07-01"):
        module.train(file, folder)


def test_a_damaged_model_is_replaced(module, file, trained, tmp_path):
    (tmp_path / "card.json").write_text("{}")
    module.train(file, tmp_path)
    assert content_of(tmp_path) == content_of(trained[0])


def test_too_few_days_and_weeks_without_fraud_are_named(module, tmp_path):
    table = simulate(5, customers=80, days=52)

    def said_of(changed):
        changed.write_parquet(tmp_path / "payments.parquet")
        with pytest.raises(module.PaymentsError) as error:
            module.train(tmp_path / "payments.parquet", tmp_path / "model")
        return str(error.value)

    day = pl.col("TX_DATETIME").dt.date()
    assert "of 48 days; training needs 49" in said_of(table.filter(day < date(2021, 4, 18)))
    last_week = day >= date(2021, 4, 15)
    honest = table.with_columns(pl.when(last_week).then(0).otherwise("TX_FRAUD").alias("TX_FRAUD"))
    assert "the test of the week from 2021-04-15 on has no fraud" in said_of(honest)
    without = table.with_columns(pl.lit(0).alias("TX_FRAUD"))
    assert "the training of the week from 2021-04-08 on has no fraud" in said_of(without)
    assert not (tmp_path / "model").exists()


def test_bins_hold_every_payment_once(module):
    log_odds = np.array([-3.02, -3.01, 0.01, 0.02, 0.11])
    found = module.bins(log_odds, np.array([0, 1, 0, 1, 1], dtype=bool))
    assert [(one.payments, one.frauds) for one in found] == [(2, 1), (2, 1), (1, 1)]
    assert [one.probability for one in found] == sorted(one.probability for one in found)


def test_the_card_is_plain_json(trained):
    card = json.loads((trained[0] / "card.json").read_text())
    assert card["better"]["log loss"] == "lower"
