from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shop.parameters import CustomerLaws, MarketLaws, Parameters, RhythmLaws


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lines": 0}, "between 1 and 10,000,000; invoice numbers have six digits"),
        ({"lines": 10_000_001}, "between 1 and 10,000,000"),
        ({"start": date(2023, 1, 2)}, "first of a month"),
        ({"months": 0}, "1-120 months"),
        ({"seed": -1}, "negative"),
    ],
)
def test_a_shop_that_cannot_be_made_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**given)


def test_laws_without_a_mean_are_refused() -> None:
    with pytest.raises(ValueError, match="q above one"):
        CustomerLaws(q=1)
    with pytest.raises(ValueError, match="below one"):
        MarketLaws(arch=0.2, garch=0.8)
    with pytest.raises(ValueError, match="mean one"):
        RhythmLaws(weekdays=(1, 1, 1, 1, 1, 1, 0))
    with pytest.raises(ValueError, match="open before it closes"):
        RhythmLaws(opens=20, closes=8)


def test_the_shares_of_countries_are_whole() -> None:
    assert sum(share for _, share in CustomerLaws().countries) == pytest.approx(1)
