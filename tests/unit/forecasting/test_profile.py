"""Classes of demand by their two statistics."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.profile import Kind, profile

NAN = np.nan


def test_the_statistics_are_those_of_the_paper() -> None:
    found = profile(np.array([[NAN, 0, 4.0, 0, 0, 2, NAN, 0, 6]]))
    assert found.interval == pytest.approx([7 / 3])
    assert found.variation == pytest.approx([(4 + 0 + 4) / 3 / 16])


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        ([5, 6, 5, 4], Kind.SMOOTH),
        ([1, 20, 1, 1], Kind.ERRATIC),
        ([0, 5, 0, 5], Kind.INTERMITTENT),
        ([0, 1, 0, 0, 20, 0, 1, 0], Kind.LUMPY),
        ([0, 0, 0], Kind.NONE),
        ([NAN, NAN], Kind.NONE),
        ([], Kind.NONE),
        ([3], Kind.SMOOTH),
    ],
)
def test_classes(series: list[float], kind: Kind) -> None:
    assert profile(np.array([series], dtype=float)).kinds == [kind]


def test_limits_belong_to_the_upper_class() -> None:
    series = np.r_[np.full(25, 4.0), np.zeros(8)][None]  # 33 / 25 periods a period with demand
    assert profile(series).kinds == [Kind.INTERMITTENT]
    assert profile(np.array([[3.0, 17.0]])).kinds == [Kind.ERRATIC]  # (7 / 10)²
