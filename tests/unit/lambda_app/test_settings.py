"""How a function's environment is read."""

from __future__ import annotations

import pytest
from pydantic import Field, PositiveInt

from lambda_app.settings import InvalidSettingsError, Settings


class Sizes(Settings):
    raw_bucket: str
    split_mb: PositiveInt = 512
    state_machine: str | None = Field(default=None, alias="BACKFILL_STATE_MACHINE_ARN")


def test_fields_are_read_from_variables_of_their_name_or_alias() -> None:
    environment = {
        "RAW_BUCKET": "raw",
        "SPLIT_MB": "7",
        "BACKFILL_STATE_MACHINE_ARN": "arn",
        "PATH": "/bin",
    }
    settings = Sizes.from_environment(environment)
    assert settings == Sizes(raw_bucket="raw", split_mb=7, state_machine="arn")


def test_a_variable_set_to_nothing_counts_as_unset() -> None:
    settings = Sizes.from_environment({"RAW_BUCKET": "raw", "SPLIT_MB": ""})
    assert (settings.split_mb, settings.state_machine) == (512, None)
    with pytest.raises(InvalidSettingsError, match="RAW_BUCKET is not set"):
        Sizes.from_environment({"RAW_BUCKET": ""})


def test_variables_of_a_field_s_own_name_are_not_read() -> None:
    with pytest.raises(InvalidSettingsError, match="RAW_BUCKET is not set"):
        Sizes.from_environment({"raw_bucket": "raw"})


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "half", " "])
def test_an_error_names_every_variable_and_the_remedy(value: str) -> None:
    with pytest.raises(InvalidSettingsError) as raised:
        Sizes.from_environment({"SPLIT_MB": value})
    assert "RAW_BUCKET is not set" in str(raised.value)
    assert f"SPLIT_MB is {value!r}: Input should be" in str(raised.value)
    assert "functions.yaml" in str(raised.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Sizes(raw_bucket="raw").raw_bucket = "other"  # type: ignore[misc]
