"""Built-in series: every class, every length, the same from the same seed."""

import numpy as np
import pytest

from forecasting.matrix import lengths
from forecasting.profile import Kind, profile


@pytest.fixture(scope="module")
def data(training_module):
    return training_module("data")


@pytest.fixture(scope="module")
def groups(data):
    return data.built_in(7)


def test_equal_seeds_give_equal_series(data, groups):
    assert data.as_bytes(data.built_in(7)) == data.as_bytes(groups)
    assert data.as_bytes(data.built_in(8)) != data.as_bytes(groups)


def test_all_values_are_finite_and_demand_is_not_negative(data, groups):
    for group in groups:
        inside = np.arange(group.history.shape[1]) >= (
            group.history.shape[1] - lengths(group.history)[:, None]
        )
        assert np.isfinite(group.history[inside]).all()
        assert np.isfinite(group.future).all()
        assert group.future.shape[1] == data.HORIZON
        if group.is_demand:
            assert (group.history[inside] >= 0).all()


def test_demand_of_all_classes_and_other_series_of_both_signs(groups):
    kinds = {kind for group in groups if group.is_demand for kind in profile(group.history).kinds}
    assert kinds == set(Kind)
    assert any((group.future < 0).any() for group in groups if not group.is_demand)


def test_short_series_and_long_ones(data, groups):
    found = np.concatenate([lengths(group.history) for group in groups])
    assert found.min() <= 3
    assert found.max() >= 100
    assert 0.2 < (found < 32).mean() < 0.8
    assert sum(map(data.rows, groups)) == found.sum()
