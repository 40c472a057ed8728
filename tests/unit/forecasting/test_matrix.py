"""Alignment of ragged series, and what is known of them."""

from __future__ import annotations

import numpy as np

from forecasting import matrix

NAN = np.nan
RAGGED = np.array([[NAN, NAN, 1.0, NAN], [1.0, 2.0, NAN, 4.0], [NAN] * 4])


def test_series_end_in_the_last_column() -> None:
    found = matrix.align([[1.0, 2.0, 3.0], [], [5.0]])
    np.testing.assert_array_equal(found, [[1, 2, 3], [NAN] * 3, [NAN, NAN, 5]])


def test_only_the_last_values_are_kept() -> None:
    np.testing.assert_array_equal(matrix.align([[1, 2, 3], [4]], 2), [[2, 3], [NAN, 4]])


def test_no_series_are_an_empty_matrix() -> None:
    assert matrix.align([]).shape == (0, 0)
    assert matrix.align([[], []]).shape == (2, 0)


def test_a_series_begins_at_its_first_value() -> None:
    assert matrix.lengths(RAGGED).tolist() == [2, 4, 0]
    assert matrix.lengths(RAGGED[:, :0]).tolist() == [0, 0, 0]


def test_the_last_known_value_may_lie_before_the_end() -> None:
    np.testing.assert_array_equal(matrix.last_known(RAGGED), [1, 4, NAN])
    np.testing.assert_array_equal(matrix.last_known(RAGGED[:, :0]), [NAN] * 3)


def test_means_leave_out_what_is_unknown() -> None:
    np.testing.assert_allclose(matrix.mean_known(RAGGED), [1, 7 / 3, NAN])
    np.testing.assert_allclose(matrix.mean_known(RAGGED, axis=0), [1, 2, 1, 4])
