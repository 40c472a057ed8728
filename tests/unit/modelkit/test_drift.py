"""The population stability index against an independent computation, and the levels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from modelkit.drift import Stability, population_stability_index


def counts(*values: int) -> dict[str, int]:
    return {str(index): value for index, value in enumerate(values)}


def test_the_index_is_the_sum_over_the_bins() -> None:
    current, reference = [700, 200, 100], [1000, 1000, 2000]
    p = (np.array(current) + 0.5) / (sum(current) + 1.5)
    q = (np.array(reference) + 0.5) / (sum(reference) + 1.5)
    found = population_stability_index(counts(*current), counts(*reference))
    assert found.index == pytest.approx(float(((p - q) * np.log(p / q)).sum()))
    assert found.level == "shifted"


def test_the_index_is_the_textbook_value() -> None:
    current, reference = {"a": 40_000, "b": 60_000}, {"a": 50_000, "b": 50_000}
    # (0.4 - 0.5) ln(0.4 / 0.5) + (0.6 - 0.5) ln(0.6 / 0.5)
    assert population_stability_index(current, reference).index == pytest.approx(0.040547, abs=1e-5)
    assert population_stability_index(current, current).index == 0


@pytest.mark.parametrize("bins", [2, 3, 10, 50])
def test_the_noise_is_the_quantile_of_chi_square(bins: int) -> None:
    found = population_stability_index(counts(*[100] * bins), counts(*[300] * bins))
    expected = (1 / (100 * bins) + 1 / (300 * bins)) * chi2.ppf(0.999, bins - 1)
    assert found.noise == pytest.approx(expected, rel=0.05)


def test_the_same_shares_are_stable() -> None:
    found = population_stability_index(counts(10, 20, 30), counts(1000, 2000, 3000))
    assert found.index == pytest.approx(0, abs=0.01)
    assert found.level == "stable"


def test_a_bin_that_only_one_sample_has_is_finite() -> None:
    found = population_stability_index({"a": 500}, {"b": 500})
    assert math.isfinite(found.index)
    assert found.level == "shifted"


def test_few_rows_are_stable_by_chance() -> None:
    few = population_stability_index(counts(3, 1), counts(2, 2))
    many = population_stability_index(counts(3000, 1000), counts(2000, 2000))
    assert (few.level, many.level) == ("stable", "shifted")


@pytest.mark.parametrize(
    ("current", "reference"), [({}, {}), ({"a": 1}, {}), ({}, {"a": 1}), ({"a": 5}, {"a": 9})]
)
def test_without_rows_or_with_one_bin_nothing_moves(
    current: dict[str, int], reference: dict[str, int]
) -> None:
    assert population_stability_index(current, reference) == Stability(0.0, 0.0)


@pytest.mark.parametrize(
    ("index", "noise", "level"),
    [
        (0.0999, 0.0, "stable"),
        (0.1, 0.0, "moved"),
        (0.2499, 0.0, "moved"),
        (0.25, 0.0, "shifted"),
        (0.5, 0.51, "stable"),
        (0.2, 0.2, "moved"),
    ],
)
def test_levels_have_the_limits_in_common_use(index: float, noise: float, level: str) -> None:
    assert Stability(index, noise).level == level
