"""Evaluations as people and as programs read them."""

from __future__ import annotations

import json

import pytest

from model_card import CARD
from modelkit.card import DataSet, InvalidCardError
from modelkit.evaluation import Evaluation

DATA = DataSet.of("june", b"rows", 12_345)
METRICS = {"roc_auc": 0.9, "log_loss": 0.5}
BASELINES = {"rule": {"roc_auc": 0.8, "log_loss": 0.4}}


def test_the_table_marks_the_best_of_each_metric() -> None:
    assert Evaluation.of(CARD, DATA, METRICS, BASELINES).to_text() == (
        f"june: 12,345 rows, sha256 {DATA.sha256[:12]}\n"
        "\n"
        "metric    better    model     rule\n"
        "roc_auc   higher  0.9000*  0.8000\n"
        "log_loss  lower   0.5000   0.4000*\n"
    )


def test_a_program_reads_the_same_as_json() -> None:
    assert json.loads(Evaluation.of(CARD, DATA, METRICS, BASELINES).to_json()) == {
        "data": {"name": "june", "sha256": DATA.sha256, "rows": 12_345},
        "better": {"roc_auc": "higher", "log_loss": "lower"},
        "metrics": METRICS,
        "baselines": BASELINES,
    }


@pytest.mark.parametrize(
    ("metrics", "baselines", "says"),
    [
        (METRICS, {}, "baselines are none; the card of fraud names rule"),
        (METRICS, {"other": METRICS}, "baselines are other; the card of fraud names rule"),
        ({"roc_auc": 1.0}, BASELINES, "metrics must have exactly the metrics roc_auc, log_loss"),
        ({**METRICS, "roc_auc": float("inf")}, BASELINES, "metrics.roc_auc is inf"),
    ],
)
def test_it_has_the_metrics_and_baselines_of_the_card(
    metrics: dict[str, float], baselines: dict[str, dict[str, float]], says: str
) -> None:
    with pytest.raises(InvalidCardError, match=says):
        Evaluation.of(CARD, DATA, metrics, baselines)
