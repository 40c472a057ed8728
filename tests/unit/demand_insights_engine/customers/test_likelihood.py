"""Parameters of greatest likelihood, and how they vary."""

from dataclasses import dataclass

import numpy as np
import pytest

from demand_insights_engine.customers.likelihood import Sample, bootstrap, maximise


@dataclass(frozen=True)
class Exponential:
    rate: float


def with_gradient(model, times):
    return np.log(model.rate) - model.rate * times, (1 - model.rate * times)[:, None]


def without_gradient(model, times):
    return with_gradient(model, times)[0], None


TIMES = np.random.Generator(np.random.PCG64(1)).exponential(4.0, 500).round(1)


@pytest.mark.parametrize("log_likelihood", [with_gradient, without_gradient])
def test_the_rate_of_exponential_times_is_one_by_their_mean(log_likelihood):
    found = maximise(Exponential, log_likelihood, Sample.of(TIMES), (1.0,))

    assert found.model.rate == pytest.approx(1 / TIMES.mean(), rel=1e-5)
    assert found.customers == 500
    assert found.unbounded == ()
    assert found.log_likelihood == pytest.approx(with_gradient(found.model, TIMES)[0].sum())


def test_parameters_that_customers_do_not_tell_are_named():
    found = maximise(Exponential, with_gradient, Sample.of(np.zeros(20)), (1.0,))

    assert found.unbounded == ("rate",)


def test_equal_customers_are_counted_together():
    sample = Sample.of(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))

    assert [column.tolist() for column in sample.columns] == [[1, 2], [5, 5]]
    assert sample.counts.tolist() == [2, 1]


def test_a_resample_has_as_many_customers():
    random = np.random.Generator(np.random.PCG64(2))

    assert Sample.of(TIMES).resampled(random).counts.sum() == 500


def test_the_bootstrap_spreads_as_theory_says_and_repeats_exactly():
    sample = Sample.of(TIMES)
    fit = maximise(Exponential, with_gradient, sample, (1.0,))

    rates = [model.rate for model in bootstrap(fit, with_gradient, sample, replicates=300, seed=3)]

    error = np.std(TIMES) / TIMES.mean() ** 2 / np.sqrt(500)
    assert np.std(rates) == pytest.approx(error, rel=0.15)
    again = bootstrap(fit, with_gradient, sample, replicates=5, seed=3)
    assert rates[:5] == [model.rate for model in again]
