"""What requests on demand may say."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.demand_schemas import MAX_HORIZON, MAX_VALUES, Method, Series


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"values": []}, "at least 1 item"),
        ({"values": [1] * (MAX_VALUES + 1)}, f"at most {MAX_VALUES} items"),
        ({"values": [float("nan")]}, "finite number"),
        ({"values": [1e16]}, "less than or equal to"),
        ({"values": [1], "horizon": MAX_HORIZON + 1}, "less than or equal to"),
        ({"values": [1], "price": 2}, "price"),
    ],
)
def test_what_is_wrong_is_named(fields, message):
    with pytest.raises(ValidationError, match=message):
        Series.model_validate({"frequency": "weekly"} | fields)


@pytest.mark.parametrize(
    ("error", "baseline", "added"), [(3.0, 4.0, 0.25), (None, 4.0, None), (0.0, 0.0, None)]
)
def test_value_added_is_the_share_of_the_baselines_error_that_is_saved(error, baseline, added):
    method = Method(
        pattern="smooth", members=["theta"], is_baseline=False, error=error,
        baseline_error=baseline, warning=None,
    )  # fmt: skip

    assert method.value_added == added
