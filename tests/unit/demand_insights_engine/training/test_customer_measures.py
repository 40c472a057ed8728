"""Measures of forecasts of customers, against hand-computed values."""

import numpy as np
import pytest


@pytest.fixture
def measures(training_module):
    return training_module("customer_measures")


def test_errors_are_those_of_a_worked_example(measures):
    forecast, truth = np.array([1.0, 2, 4]), np.array([1.0, 4, 0])

    assert measures.rmse(forecast, truth) == pytest.approx(np.sqrt(20 / 3))
    assert measures.mean_error(forecast, truth) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("score", "area"),
    [([4, 3, 2, 1], 1), ([1, 2, 3, 4], 0), ([1, 1, 1, 1], 0.5), ([4, 2, 3, 1], 0.75)],
)
def test_the_area_is_the_share_of_pairs_in_order(measures, score, area):
    truth = np.array([True, True, False, False])

    assert measures.area_under_curve(np.array(score), truth) == area


def test_there_is_no_area_without_both_kinds(measures):
    assert np.isnan(measures.area_under_curve(np.arange(3), np.array([True] * 3)))


def test_spend_captured_is_that_of_the_chosen_tenth_by_that_of_the_best(measures):
    spent = np.array([100.0, 60, *[0] * 18])

    assert measures.captured(spent, spent) == 1
    assert measures.captured(np.array([0, 2, 1, *[0] * 17]), spent) == pytest.approx(60 / 160)
    assert np.isnan(measures.captured(spent, np.zeros(20)))


def test_calibrated_probabilities_have_no_error(measures):
    truth = np.tile([True, False], 50)

    assert measures.calibration_error(np.full(100, 0.5), truth) == pytest.approx(0)
    assert measures.calibration_error(np.full(100, 0.8), truth) == pytest.approx(0.3)


def test_an_interval_holds_the_value_and_repeats(measures):
    random = np.random.Generator(np.random.PCG64(1))
    forecast, truth = random.normal(size=(2, 500))

    found = measures.with_interval(measures.rmse, forecast, truth, seed=2)

    assert found["low"] < found["value"] < found["high"]
    assert found == measures.with_interval(measures.rmse, forecast, truth, seed=2)


def test_what_is_undefined_is_none(measures):
    found = measures.with_interval(
        measures.area_under_curve, np.arange(5.0), np.array([True] * 5), seed=1
    )

    assert found == {"value": None, "low": None, "high": None}


def test_bounds_belong_to_their_intervals(measures):
    bounds = np.array([[0, 1], [2, 3], [0, 0], [5, 6]], dtype=float)

    assert measures.share_inside(bounds, np.array([1.0, 2, 1, 7])) == 0.5
