"""The evaluation of single series, with the artefact's prior and without it."""

import numpy as np
import pytest

from demand_insights_engine import artefact


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_prior")


@pytest.fixture(scope="module")
def found(module):
    values = np.random.default_rng(2).poisson(7, (9, 13 + 30)).astype(float)
    return module.evaluate(artefact.load().prior, values, 1, is_demand=True)


def test_each_length_that_the_series_have_is_measured(module, found):
    assert list(found) == ["series", *(f"last {length} values" for length in (5, 12, 20, 30))]
    assert found["series"] == 9


def test_the_prior_helps_on_counts_around_a_level(module, found):
    for name, measured in found.items():
        if name != "series":
            assert measured[module.WITH][module.PINBALL] < measured[module.WITHOUT][module.PINBALL]


def test_the_table_names_both(module, found):
    text = "\n".join(module.lines({"counts": found, "others": "no data"}))
    for part in (module.WITH, module.WITHOUT, "counts, 9 series", "others: not measured: no data"):
        assert part in text


@pytest.mark.parametrize("values", [np.ones((2, 17)), np.full((2, 40), np.nan), np.ones((0, 0))])
def test_series_too_short_are_refused(module, training_module, values):
    with pytest.raises(training_module("errors").DataError, match="no series has 18 values"):
        module.evaluate(artefact.load().prior, values, 1, is_demand=True)
