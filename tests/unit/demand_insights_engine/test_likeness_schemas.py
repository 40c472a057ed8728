"""What requests on new products may say."""

import pytest
from pydantic import ValidationError

from demand_insights_engine.likeness_schemas import NewProduct


@pytest.mark.parametrize(
    "fields",
    [
        {"description": ""},
        {"description": "x" * 501},
        {"price": 0},
        {"price": float("inf")},
        {"group": "x" * 201},
        {"colour": "red"},
    ],
)
def test_what_is_wrong_is_named(fields):
    with pytest.raises(ValidationError, match=next(iter(fields))):
        NewProduct.model_validate({"description": "tea cup"} | fields)
