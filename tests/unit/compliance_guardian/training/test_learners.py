"""The trees of the image give what xgboost gives; equal payments give equal members."""

import numpy as np
import pytest
import xgboost

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.trees import Explainer, Trees

MARGIN, CONTRIBUTION = 1e-5, 1e-6
"""Bounds of the differences to xgboost, which sums in single precision."""


@pytest.fixture(scope="module")
def learners(training_module):
    return training_module("learners")


@pytest.fixture(scope="module")
def payments():
    random = np.random.default_rng(8)
    rows = random.lognormal(1, 1, (6_000, len(FEATURES)))
    rows[random.random(rows.shape) < 0.1] = np.nan
    odds = np.nan_to_num(rows[:, 11]) / 4 + np.nan_to_num(rows[:, 24]) / 6 - 5
    return rows, random.random(len(rows)) < 1 / (1 + np.exp(-odds))


@pytest.fixture(scope="module")
def bag(learners, payments):
    return learners.boosters(*payments)


def test_margins_and_contributions_are_xgboosts_within_the_stated_bounds(learners, payments, bag):
    rows = payments[0][:300]
    matrix = xgboost.DMatrix(rows)
    trees = [Trees.from_xgboost(learners.read_part(member)) for member in bag]
    explainer = Explainer.of(trees)

    def mean(**what):
        return np.mean([member.predict(matrix, **what).astype(float) for member in bag], axis=0)

    margins = np.mean([one.margins(rows) for one in trees], axis=0)
    contributions = np.array([explainer.contributions(row) for row in rows])
    expected = mean(pred_contribs=True)

    assert abs(margins - mean(output_margin=True)).max() < MARGIN
    assert abs(contributions - expected[:, :-1]).max() < CONTRIBUTION
    assert abs(explainer.expected - expected[:, -1]).max() < CONTRIBUTION
    assert contributions.sum(axis=1) + explainer.expected == pytest.approx(margins, abs=1e-12)


def test_equal_payments_give_equal_members_that_differ_from_one_another(learners, payments, bag):
    again = learners.boosters(*payments)
    parts = [learners.read_part(member) for member in bag]
    assert [learners.read_part(member) for member in again] == parts
    assert all(parts[0] != part for part in parts[1:])


def test_few_honest_payments_are_all_taken(learners, payments):
    rows, fraud = payments
    few = np.append(np.flatnonzero(fraud), np.flatnonzero(~fraud)[:20])
    assert len(learners.boosters(rows[few], fraud[few])) == learners.MEMBERS


def test_every_baseline_ranks_frauds_higher(learners, payments):
    rows, fraud = payments
    published = [feature.name for feature in FEATURES].index("amount")
    rows = np.nan_to_num(rows)
    rows[:, published] += 5 * fraud
    for name, learner in learners.BASELINES.items():
        scores = learner(rows[:4_000], fraud[:4_000], rows[4_000:])
        assert scores[fraud[4_000:]].mean() > scores[~fraud[4_000:]].mean(), name


def test_published_features_are_the_fifteen_of_the_handbook(learners):
    assert len(learners.PUBLISHED) == 15
    assert set(learners.PUBLISHED) <= {feature.name for feature in FEATURES}
