"""Scores are calibrated, explained to the last part, and the same after a file."""

from dataclasses import replace
from math import exp, inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import FeatureBins, Model, ModelError
from fraud_model import BAG, MODEL, NAMES

VALUES = st.one_of(st.just(nan), st.sampled_from([inf, -inf]), st.floats(-1e6, 1e6))
ROWS = st.lists(st.lists(VALUES, min_size=len(FEATURES), max_size=len(FEATURES)), max_size=3)


def row(**values):
    return [values.get(name, 0.0) for name in NAMES]


@given(ROWS)
def test_probabilities_lie_in_their_interval_and_reasons_add_up_to_the_log_odds(rows):
    scores = MODEL.score(rows, explain=True)

    assert len(scores) == len(rows)
    for score in scores:
        assert 0 < score.lower <= score.probability <= score.upper < 1
        assert score.probability == pytest.approx(1 / (1 + exp(-score.log_odds)))
        parts = sum(reason.contribution for reason in score.reasons)
        assert MODEL.bias + parts == pytest.approx(score.log_odds, abs=1e-9)


def test_the_score_is_the_mean_of_the_bag_on_the_line():
    high, usual = MODEL.score([row(amount_ratio=2.7), row(amount_ratio=1.0)])

    # Members give 3 - 1 and -3.5 - 1.5; the line subtracts 1.
    assert high.log_odds == pytest.approx((2.0 - 5.0) / 2 - 1)
    assert usual.log_odds == pytest.approx((-4.0 - 5.0) / 2 - 1)
    assert high.reasons == ()


def test_an_interval_is_wider_where_members_differ():
    agreed, differing = MODEL.score([row(amount_ratio=9.0), row(amount_ratio=2.7)])

    def width(score):
        return np.log(score.upper / (1 - score.upper)) - np.log(score.lower / (1 - score.lower))

    assert width(differing) > width(agreed) > 0


def test_a_bag_of_one_has_the_interval_of_the_line_alone():
    one = replace(MODEL, bag=MODEL.bag[:1])
    (score,) = one.score([row()])
    assert score.lower < score.probability < score.upper


def test_a_file_gives_the_same_model_and_the_same_bytes():
    content = MODEL.to_bytes(BAG)
    read = Model.from_bytes(MODEL.version, content)

    rows = [row(), row(amount_ratio=5.0, terminal_frauds=2.0)]
    assert read.score(rows, explain=True) == MODEL.score(rows, explain=True)
    assert (read.calibration, read.training_bins) == (MODEL.calibration, MODEL.training_bins)
    assert read.to_bytes(BAG) == content


def test_a_model_of_other_features_is_refused(monkeypatch):
    content = MODEL.to_bytes(BAG)
    monkeypatch.setattr("compliance_guardian.fraud.model._NAMES", [*NAMES, "new"])
    with pytest.raises(ModelError, match="other features"):
        Model.from_bytes(MODEL.version, content)


def test_values_count_in_their_bins():
    bins = FeatureBins((0.5, 2.5), ())
    assert bins.count([0.4, 0.5, 2.4, 2.5, inf, -inf, nan, nan]) == [2, 2, 2, 2]
    assert bins.count([]) == [0, 0, 0, 0]


def test_bins_lie_between_deciles_of_the_values():
    bins = FeatureBins.of([*range(100), nan])
    assert bins.edges == pytest.approx([9.9 * number for number in range(1, 10)])
    assert bins.rows == (10,) * 10 + (1,)


@pytest.mark.parametrize(
    ("values", "edges", "rows"),
    [([], (), (0, 0)), ([nan] * 3, (), (0, 3)), ([1.0] * 4, (1.0,), (0, 4, 0))],
)
def test_bins_of_values_without_variety(values, edges, rows):
    assert FeatureBins.of(values) == FeatureBins(edges, rows)
