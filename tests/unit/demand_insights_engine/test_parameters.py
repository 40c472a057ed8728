"""What parameters of routes may be."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from demand_insights_engine import parameters


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (parameters.Source, "online-retail_2"),
        (parameters.Level, "group"),
        (parameters.Name, "85123A"),
        (parameters.Currency, "EUR"),
        (parameters.Currency, None),
        (parameters.AnyLevel, None),
        (parameters.AnyName, None),
        (parameters.Limit, 500),
    ],
)
def test_values_that_are_taken(parameter: Any, value: object) -> None:
    assert TypeAdapter(parameter).validate_python(value) == value


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (parameters.Source, "../prod"),
        (parameters.Source, "a" * 65),
        (parameters.Level, "country"),
        (parameters.Name, ""),
        (parameters.Currency, "euro"),
        (parameters.AnyLevel, "country"),
        (parameters.AnyName, ""),
        (parameters.Limit, 0),
        (parameters.Limit, 501),
    ],
)
def test_values_that_are_refused(parameter: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(parameter).validate_python(value)
