from __future__ import annotations

import pytest

from raw_to_curated.quality.plots import short


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.05, "0.05"),
        (7, "7"),
        (999, "999"),
        (1_000, "1k"),
        (9_949, "9.9k"),
        (9_999, "10k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (5 * 10**9, "5G"),
    ],
)
def test_numbers_of_plots_are_short(number: float, expected: str) -> None:
    assert short(number) == expected
