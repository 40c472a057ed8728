"""The price of days on which nothing was sold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.response.prices import fill

NAN = float("nan")


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ([4, NAN, NAN, 4], [4, 4, 4, 4]),
        ([4, NAN, NAN, 3], [4, 4, 3, 3]),
        ([4, NAN, NAN, NAN, 3], [4, 4, 4, 3, 3]),
        ([NAN, 4, NAN, 3, NAN], [NAN, 4, 4, 3, NAN]),
        ([4, NAN, NAN, NAN, NAN, 4], [4, NAN, NAN, NAN, NAN, 4]),
        ([NAN, NAN], [NAN, NAN]),
        ([5], [5]),
    ],
)
def test_gaps_take_the_nearest_price(price, expected):
    np.testing.assert_array_equal(fill(np.array([price], dtype=float), most=3), [expected])


@given(st.lists(st.sampled_from([NAN, 1.0, 2.0, 3.0]), min_size=1, max_size=30), st.integers(0, 9))
def test_known_prices_stay_and_none_is_made_up(values, most):
    price = np.array([values])
    found = fill(price, most)
    known = ~np.isnan(price)
    np.testing.assert_array_equal(found[known], price[known])
    assert set(found[~np.isnan(found)]) <= set(price[known])
    np.testing.assert_array_equal(fill(found, most), found)
