"""Forecasts of a hierarchy add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.reconciliation import (
    LEAST_ERRORS,
    Hierarchy,
    joint_paths,
    reconcile,
    sample_paths,
)

THREE = Hierarchy(np.array([0, 0, 1]), 2)
METHODS = ("mint", "structural", "ols")


@st.composite
def cases(draw):
    groups = draw(st.integers(1, 4))
    group = draw(st.lists(st.integers(0, groups - 1), min_size=1, max_size=9))
    hierarchy = Hierarchy(np.array(group), groups)
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    scale = draw(st.sampled_from([1e-3, 1.0, 1e6]))
    base = chance.normal(5, 6, (hierarchy.series, 3)) * scale
    errors = chance.normal(0, 1, (hierarchy.series, draw(st.integers(0, 30)))) * scale
    return hierarchy, base, errors


def test_the_summing_matrix_by_hand():
    assert THREE.summing_matrix().tolist() == [
        [1, 1, 1],
        [1, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]


def test_ols_by_hand():
    """One group of two products, as total and group: base 12, 12, 4, 6 lacks 2. Least squares put
    2 x 2 / (1 + 2 x 2) = 0.8 of it on each product: 4.8 and 6.8 are 0.4 off both sums."""
    found = reconcile(np.array([12.0, 12, 4, 6]), Hierarchy(np.array([0, 0]), 1), method="ols")
    np.testing.assert_allclose(found.values, [11.6, 11.6, 4.8, 6.8])


@given(cases(), st.sampled_from(METHODS))
def test_the_sums_are_exact_and_nothing_is_negative(case, method):
    hierarchy, base, errors = case
    values = reconcile(base, hierarchy, errors, method).values
    assert (values >= 0).all()
    groups = [
        sum(
            (
                row
                for row, at in zip(values[1 + hierarchy.groups :], hierarchy.group, strict=True)
                if at == number
            ),
            start=np.zeros(3),
        )
        for number in range(hierarchy.groups)
    ]
    np.testing.assert_array_equal(values[1 : 1 + hierarchy.groups], groups)
    np.testing.assert_array_equal(values[0], sum(groups, start=np.zeros(3)))


@given(cases(), st.sampled_from(METHODS))
def test_what_is_coherent_stays(case, method):
    hierarchy, base, errors = case
    coherent = hierarchy.add_up(np.abs(base[1 + hierarchy.groups :]))
    found = reconcile(coherent, hierarchy, errors, method).values
    np.testing.assert_allclose(found, coherent, rtol=1e-9, atol=1e-9 * np.abs(base).max())


@given(cases(), st.sampled_from(["structural", "ols"]))
def test_methods_are_the_published_projection(case, method):
    """S (S' W^-1 S)^-1 S' W^-1 base, with the W of the method."""
    hierarchy, base, _ = case
    base = np.abs(base) + 1_000 * np.abs(base).max()  # far from zero: nothing is cut off
    matrix = hierarchy.summing_matrix()
    weight = {
        "ols": np.eye(hierarchy.series),
        "structural": np.diag(np.maximum(matrix.sum(axis=1), 1)),
    }[method]
    inverse = np.linalg.inv(weight)
    expected = matrix @ np.linalg.solve(matrix.T @ inverse @ matrix, matrix.T @ inverse @ base)
    if expected.min() > 0:
        np.testing.assert_allclose(
            reconcile(base, hierarchy, method=method).values, expected, rtol=1e-7
        )


def test_mint_believes_the_series_with_small_errors():
    """The total is known well and products are not: products move, the total stays."""
    chance = np.random.default_rng(2)
    errors = chance.normal(0, 10, (6, 200))
    errors[0] = chance.normal(0, 0.1, 200)
    base = np.array([100.0, 50, 40, 20, 20, 40])
    found = reconcile(base, THREE, errors)
    assert found.method == "mint"
    assert found.values[0] == pytest.approx(100, abs=0.2)


def test_mint_forecasts_better_than_bottom_up():
    chance = np.random.default_rng(3)
    hierarchy = Hierarchy(np.repeat(np.arange(5), 8), 5)
    truth = hierarchy.add_up(chance.gamma(2, 50, (40, 300)))
    deviation = np.concatenate([[20.0], np.full(5, 12.0), np.full(40, 30.0)])
    base = truth + chance.normal(0, 1, truth.shape) * deviation[:, None]
    errors = base[:, :150] - truth[:, :150]
    found = reconcile(base[:, 150:], hierarchy, errors).values
    bottom_up = hierarchy.add_up(base[6:, 150:])

    def rmse(values):
        return np.sqrt(((values - truth[:, 150:]) ** 2).mean(axis=1))

    assert rmse(found)[0] < 1.05 * rmse(base[:, 150:])[0]
    assert rmse(found)[0] < 0.25 * rmse(bottom_up)[0]
    assert rmse(found)[6:].mean() < rmse(bottom_up)[6:].mean()


@pytest.mark.parametrize("periods", [0, 1, LEAST_ERRORS - 1])
def test_too_few_errors_leave_the_structure(periods):
    found = reconcile(np.ones(6), THREE, np.ones((6, periods)))
    assert found.method == "structural"
    assert reconcile(np.ones(6), THREE).method == "structural"


@pytest.mark.parametrize("errors", [np.zeros((6, 20)), np.ones((6, 20)) * 1e9])
def test_constant_errors_crash_nothing(errors):
    found = reconcile(np.array([9.0, 5, 5, 1, 2, 3]), THREE, errors)
    assert np.isfinite(found.values).all()


def test_periods_with_unknown_errors_are_left_out():
    errors = np.random.default_rng(4).normal(0, 1, (6, 30))
    base = np.array([9.0, 5, 5, 1, 2, 3])
    gaps = np.concatenate([errors, np.full((6, 5), 1e9)], axis=1)
    gaps[2, 30:] = np.nan
    np.testing.assert_array_equal(
        reconcile(base, THREE, gaps).values, reconcile(base, THREE, errors).values
    )


def test_a_group_without_products_is_zero():
    found = reconcile(np.array([5.0, 2, 7, 2]), Hierarchy(np.array([0]), 2))
    assert found.values[2] == 0
    assert found.values[0] == found.values[1] == found.values[3]


def test_paths_are_of_the_same_past_periods():
    errors = np.arange(12.0) * np.array([[1.0], [1], [1], [10], [10], [10]])
    paths = joint_paths(np.zeros((6, 3)), errors, 50)
    assert paths.shape == (6, 50, 3)
    np.testing.assert_array_equal(paths[0] * 10, paths[5])
    np.testing.assert_array_equal(np.diff(paths[0]), np.ones((50, 2)))


def test_quantiles_come_from_coherent_paths():
    chance = np.random.default_rng(5)
    paths = joint_paths(np.full((6, 4), 20.0), chance.normal(0, 3, (6, 40)), 200)
    found = sample_paths(paths, THREE, chance.normal(0, 3, (6, 40))).values
    np.testing.assert_array_equal(found[0], found[1] + found[2])
    np.testing.assert_array_equal(found[1], found[3] + found[4])
    quantiles = np.quantile(found, [0.1, 0.5, 0.9], axis=1)
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert (quantiles >= 0).all()


def test_too_few_errors_make_no_paths():
    with pytest.raises(ValueError, match="2 periods with known errors; 3 are needed"):
        joint_paths(np.zeros((6, 3)), np.ones((6, 2)), 5)


@pytest.mark.parametrize(
    ("group", "groups", "named"),
    [([], 1, "at least one"), ([0, 2], 2, "0 to 1"), ([-1], 1, "0 to")],
)
def test_other_groups_are_refused(group, groups, named):
    with pytest.raises(ValueError, match=named):
        Hierarchy(np.array(group, dtype=np.int64), groups)


@pytest.mark.parametrize(("base", "named"), [(np.ones(5), "has 6"), (np.full(6, np.nan), "finite")])
def test_other_forecasts_are_refused(base, named):
    with pytest.raises(ValueError, match=named):
        reconcile(base, THREE)


def test_a_group_keeps_its_forecast_where_a_product_is_cut_off_at_zero():
    coherent = np.array([10.0, 6, 4, 8, -2, 4])
    found = reconcile(coherent, THREE)
    np.testing.assert_allclose(found.values, [10, 6, 4, 6, 0, 4])


def test_what_is_all_negative_becomes_zero_and_the_total_stays_where_it_can():
    found = reconcile(np.array([3.0, -1, 4, -2, 1, 4]), THREE)
    np.testing.assert_allclose(found.values, [3, 0, 3, 0, 0, 3])
