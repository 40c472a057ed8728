"""Shares and their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.shares import share


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_the_literature(part, whole, lower, upper):
    found = share(part, whole)

    assert (found.lower, found.upper) == (
        pytest.approx(lower, abs=1e-4),
        pytest.approx(upper, abs=1e-4),
    )


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_share_lies_in_its_interval(part, more):
    found = share(part, part + more)

    assert 0 <= found.lower <= found.value <= found.upper <= 1


def test_of_nothing_there_is_no_share():
    assert share(0, 0) is None
