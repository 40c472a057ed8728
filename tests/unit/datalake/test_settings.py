"""How a function's environment is read."""

from __future__ import annotations

import pytest

from datalake.settings import (
    InvalidSettingError,
    MissingSettingError,
    optional,
    positive,
    required,
)


@pytest.mark.parametrize("environment", [{}, {"BUCKET": ""}])
def test_what_is_not_set(environment: dict[str, str]) -> None:
    with pytest.raises(MissingSettingError, match="BUCKET"):
        required(environment, "BUCKET")
    assert optional(environment, "BUCKET") is None
    assert positive(environment, "BUCKET", 7) == 7


def test_what_is_set() -> None:
    environment = {"BUCKET": "raw", "SIZE": "12"}
    assert required(environment, "BUCKET") == optional(environment, "BUCKET") == "raw"
    assert positive(environment, "SIZE", 7) == 12


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "half", " "])
def test_a_number_must_be_one(value: str) -> None:
    with pytest.raises(InvalidSettingError, match=r"SIZE is .*; set it to a whole number above 0"):
        positive({"SIZE": value}, "SIZE", 7)
