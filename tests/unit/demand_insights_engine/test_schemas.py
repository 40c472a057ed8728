"""What requests to demand-insights-engine may say."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.schemas import MAX_WEEKS, Series


def weeks(number: int) -> list[dict[str, object]]:
    return [{"week": f"2{index:03}-01-01", "units": index} for index in range(number)]


def test_weeks_in_order_are_a_series():
    assert [week.units for week in Series.model_validate({"weeks": weeks(8)}).weeks] == [*range(8)]


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (weeks(7), "at least 8 items"),
        (weeks(MAX_WEEKS + 1), f"at most {MAX_WEEKS} items"),
        ([weeks(1)[0], *weeks(8)], "weeks must be in order, each once"),
        ([*weeks(8), {"week": "2999-01-01", "units": -1}], "greater than or equal to 0"),
        ([*weeks(8), {"week": "2999-13-01", "units": 1}], "weeks.8.week"),
        ([*weeks(8), {"week": "2999-01-01", "units": 1, "price": 2}], "weeks.8.price"),
    ],
)
def test_what_is_wrong_is_named(series, message):
    with pytest.raises(ValidationError, match=message):
        Series.model_validate({"weeks": series})
