"""The line through log-odds is that of the greatest likelihood, and always gives a probability."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.calibration import Calibration, CalibrationError, sigmoid


def sample(intercept, slope, size=40_000, seed=0):
    random = np.random.default_rng(seed)
    margins = random.normal(-2, 2, size)
    return margins, random.random(size) < sigmoid(intercept + slope * margins)


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-1.9, 1.1), (1.5, 0.4)])
def test_the_line_that_made_the_payments_is_found(intercept, slope):
    line = Calibration.fit(*sample(intercept, slope), prior=0.0)

    assert line.intercept == pytest.approx(intercept, abs=3 * line.intercept_variance**0.5)
    assert line.slope == pytest.approx(slope, abs=3 * line.slope_variance**0.5)


def test_frauds_are_expected_as_often_as_there_were():
    """So a model that trained on a share of the honest payments is corrected."""
    margins, fraud = sample(log(0.15), 1.0)
    line = Calibration.fit(margins, fraud, prior=0.0)
    assert sigmoid(line.log_odds(margins)).sum() == pytest.approx(fraud.sum(), rel=1e-3)


@pytest.mark.parametrize("fraud", [False, True])
def test_without_any_contrast_the_prior_keeps_the_line_finite_and_rising(fraud):
    margins = np.linspace(-5, 5, 1_000)
    line = Calibration.fit(margins, np.full(1_000, fraud), prior=-2.0)
    probabilities = sigmoid(line.log_odds(margins))
    assert (probabilities > 0).all()
    assert (probabilities < 1).all()
    assert (np.diff(probabilities) > 0).all()


def test_without_payments_the_line_is_the_prior():
    line = Calibration.fit(np.zeros(0), np.zeros(0, dtype=bool), prior=-2.0)
    assert (line.intercept, line.slope) == (-2.0, 1.0)


def test_separated_classes_have_a_finite_line():
    margins = np.array([-3.0, -2.0, 2.0, 3.0] * 50)
    line = Calibration.fit(margins, margins > 0, prior=0.0)
    assert 1 < line.slope < 10


def test_a_model_that_ranks_the_wrong_way_round_is_refused():
    margins, fraud = sample(0.0, 1.0)
    with pytest.raises(CalibrationError, match="no more fraud"):
        Calibration.fit(-margins, fraud, prior=0.0)


@given(st.floats(-700, 700), st.floats(0, 100))
def test_the_interval_holds_the_probability(margin, deviation):
    line = Calibration(-1.0, 1.0, 0.01, 0.001, -0.002)
    margins = np.array([margin])
    lower, upper = line.interval(margins, np.array([deviation]))
    assert lower <= sigmoid(line.log_odds(margins)) <= upper


def test_90_of_100_samples_have_the_line_in_their_interval():
    inside = 0
    margins = np.array([1.0])
    for seed in range(200):
        line = Calibration.fit(*sample(-1.0, 1.0, size=1_000, seed=seed), prior=-1.0)
        lower, upper = line.interval(margins, np.zeros(1))
        inside += bool(lower < 0.5 < upper)
    assert 170 <= inside <= 192


def test_log_odds_of_any_size_have_a_probability():
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
