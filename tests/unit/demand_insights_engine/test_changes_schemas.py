"""Answers on changes are of finite numbers."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.changes_schemas import Part


@pytest.mark.parametrize("change", [float("nan"), float("inf")])
def test_a_change_is_a_number(change):
    with pytest.raises(ValidationError, match="finite number"):
        Part(name="A-1", change=change, share=None)
