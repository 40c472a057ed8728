"""The model of compliance-guardian is the one that its card describes."""

import pytest

from compliance_guardian import artefact
from compliance_guardian.fraud.features import FEATURES
from modelkit.artefact import load


def test_the_version_is_that_of_the_card():
    model = artefact.load()

    assert model.version == load("compliance_guardian").card.model_version
    assert artefact.load() is model


def test_the_card_shows_that_the_model_ranks_better_than_what_it_replaces():
    card = load("compliance_guardian").card

    name = "average precision"
    best = max(values[name] for values in card.baselines.values())
    assert card.metrics[name] >= best - 0.015
    assert card.artefact.size < 3_000_000
    for rival in ("default XGBoost, published features", "the model it replaced"):
        if rival in card.baselines:
            assert card.metrics[name] > card.baselines[rival][name]


def test_the_bins_are_of_the_rows_of_training_and_of_a_test_week():
    model = artefact.load()

    rows = {sum(model.training_bins[feature.name].rows) for feature in FEATURES}
    assert len(rows) == 1
    assert sum(one.payments for one in model.calibration) > 1_000
    probabilities = [one.probability for one in model.calibration]
    assert probabilities == sorted(probabilities)


@pytest.mark.parametrize(
    ("values", "is_suspicious"),
    [
        ({"amount": 60.0, "amount_ratio": 1.0}, False),
        ({"amount": 400.0, "amount_ratio": 8.0}, True),
    ],
)
def test_scores_follow_plain_cases(values, is_suspicious):
    usual = {
        "customer_count_30d": 40.0,
        "customer_mean_amount_30d": 50.0,
        "customer_payments": 80.0,
        "customer_typical_amount": 50.0,
        "highest_ratio_7d": 1.5,
        "days_since_high_amount": float("nan"),
        "terminal_count_30d": 30.0,
        "days_since_honest": 7.0,
    }
    row = [{**usual, **values}.get(feature.name, 0.0) for feature in FEATURES]
    (score,) = artefact.load().score([row], explain=True)

    assert (score.probability > 0.5) == is_suspicious
    assert score.reasons[0].text
