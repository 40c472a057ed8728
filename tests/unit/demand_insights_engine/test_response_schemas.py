"""Answers on other prices are of finite numbers."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.response_schemas import Factor


def test_a_factor_is_finite():
    with pytest.raises(ValidationError, match="finite number"):
        Factor(estimate=1, lower=0, upper=float("inf"))
