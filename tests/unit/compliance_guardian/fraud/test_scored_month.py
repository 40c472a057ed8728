"""A month's scores and alerts are rows of their tables."""

import json

import numpy as np
import pytest

from compliance_guardian.fraud import scored_month
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.replay import Replay
from compliance_guardian.fraud.scored_month import ScoredMonth
from datalake.contracts.insights import FRAUD_ALERTS, FRAUD_SCORES
from fraud_cases import SOURCE, rows
from fraud_model import MODEL


def scored(frame):
    payments = PaymentRows.of(SOURCE, frame)
    values = [values for _, values in Replay().features(payments.labelled)]
    features = np.array(values, np.float64).reshape(-1, len(FEATURES))
    return ScoredMonth.of(payments, features, MODEL)


def named(frame):
    return set(frame.columns) | {"model_version", "data_version"}


def test_rows_are_those_of_the_contracts():
    month = scored(rows(count=50))

    assert named(month.score_rows()) == set(FRAUD_SCORES.schema)
    assert named(month.alert_rows(MODEL, 0.0, 3)) == set(FRAUD_ALERTS.schema)
    assert named(month.alert_rows(MODEL, 1.0, 3)) == set(FRAUD_ALERTS.schema)
    assert month.alert_rows(MODEL, 1.0, 3).is_empty()


def test_an_alert_is_on_the_most_probable_payment_and_its_reasons_are_of_this_payment():
    month = scored(rows(count=200))
    probabilities = dict(month.score_rows().select("payment_id", "probability").iter_rows())

    for row in month.alert_rows(MODEL, 0.2, 3).iter_rows(named=True):
        assert row["probability"] == probabilities[row["payment_id"]] >= 0.2
        odds = MODEL.bias + sum(one["contribution"] for one in json.loads(row["reasons"]))
        assert 1 / (1 + np.exp(-odds)) == pytest.approx(row["probability"])


def test_chunks_change_nothing(monkeypatch):
    frame = rows(count=50)
    whole = scored(frame)
    monkeypatch.setattr(scored_month, "_CHUNK", 7)

    assert scored(frame).score_rows().equals(whole.score_rows())
    assert scored(frame).alert_rows(MODEL, 0, 9).equals(whole.alert_rows(MODEL, 0, 9))


def test_nothing_is_scored_without_payments():
    month = scored(rows(count=1).clear())

    assert month.score_rows().is_empty()
    assert month.alert_rows(MODEL, 0.0, 3).is_empty()
