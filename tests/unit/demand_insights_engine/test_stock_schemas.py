"""What requests on stock may say."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.stock_schemas import SeriesAdvice


@pytest.mark.parametrize(
    "fields",
    [
        {"values": []},
        {"values": [-1]},
        {"values": [float("inf")]},
        {"lead_weeks": -1},
        {"lead_weeks": 13},
        {"lead_deviation": float("nan")},
        {"service_level": 1},
        {"service_level": 0.4},
        {"multiple": 0},
        {"minimum": 10**10},
        {"review": 0},
        {"position": 10**10},
        {"price": 2},
    ],
)
def test_what_is_wrong_is_named(fields):
    with pytest.raises(ValidationError, match=next(iter(fields))):
        SeriesAdvice.model_validate({"values": [1]} | fields)
