from __future__ import annotations

from datalake.contracts.insights import DEMAND_SERIES, PRICE_RESPONSES


def test_a_response_is_of_a_series() -> None:
    assert PRICE_RESPONSES.key == DEMAND_SERIES.key
