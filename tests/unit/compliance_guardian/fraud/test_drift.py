"""Drift by week: the same sample is stable, another one shifts, chance does not."""

from datetime import date

import numpy as np
import pytest

from compliance_guardian.fraud.drift import drift_rows
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import FeatureBins

NAMES = [feature.name for feature in FEATURES]
FIRST, SECOND = date(2018, 3, 5), date(2018, 3, 12)
BINS = {name: FeatureBins((1.0, 2.0, 3.0), (250, 250, 250, 250, 0)) for name in NAMES}


def sample(chance, rows=400):
    return chance.uniform(0, 4, (rows, len(NAMES)))


def levels(rows, week):
    return dict(rows.filter(week=week).select("feature", "level").iter_rows())


def test_each_week_is_compared_by_itself():
    chance = np.random.default_rng(1)
    other = sample(chance)
    other[:, NAMES.index("amount")] += 2

    found = drift_rows([FIRST] * 400 + [SECOND] * 400, np.vstack([sample(chance), other]), BINS)

    assert set(levels(found, FIRST).values()) == {"stable"}
    assert {name for name, level in levels(found, SECOND).items() if level != "stable"} == {
        "amount"
    }


def test_values_of_a_bin_begin_at_its_lower_edge():
    features = np.tile([[0.9], [1.0], [2.9], [3.0]], (100, len(NAMES)))

    found = drift_rows([FIRST] * 400, features, BINS)

    assert found["stability_index"].max() == pytest.approx(0, abs=1e-6)


def test_what_is_missing_is_a_bin_of_its_own():
    features = sample(np.random.default_rng(1))
    features[:200, NAMES.index("amount_ratio")] = np.nan

    found = levels(drift_rows([FIRST] * 400, features, BINS), FIRST)

    assert found["amount_ratio"] == "shifted"


def test_a_few_payments_shift_nothing_and_the_calendar_is_left_out():
    found = drift_rows([FIRST], np.zeros((1, len(NAMES))), BINS)

    assert set(found["level"]) == {"stable"}
    assert set(found["feature"]) == set(NAMES) - {"is_weekend"}


def test_no_payments_have_no_drift():
    assert drift_rows([], np.empty((0, len(NAMES))), BINS).is_empty()
