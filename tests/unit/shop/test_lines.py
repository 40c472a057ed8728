from __future__ import annotations

import numpy as np

from shop.lines import Lines, concat, no_lines


def lines(*quantities: int) -> Lines:
    ints = np.arange(len(quantities))
    at = np.datetime64("2023-01-02T10:00", "m") + ints
    return Lines(ints, ints, ints, ints, np.array(quantities), ints, at, ints)


def test_rows_are_taken_from_every_column() -> None:
    taken = lines(5, -6, 7)[np.array([2, 0])]

    assert taken.quantity.tolist() == [7, 5]
    assert taken.number.tolist() == taken.price.tolist() == [2, 0]


def test_credit_notes_have_negative_quantities() -> None:
    assert lines(5, -6).is_credit.tolist() == [False, True]


def test_parts_are_joined_in_order() -> None:
    whole = concat([no_lines(), lines(1, 2), lines(3)])

    assert len(no_lines()) == 0
    assert whole.quantity.tolist() == [1, 2, 3]
    assert whole.at.dtype == np.dtype("datetime64[m]")
