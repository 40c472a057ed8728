"""A function's environment as a typed, frozen model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class InvalidSettingsError(Exception):
    """Environment variables of the function are missing or wrong; the message names each."""


class Settings(BaseModel):
    """Base class of a function's settings.

    A field is read from the variable of its name in upper case (`raw_bucket` from `RAW_BUCKET`), or
    from the variable that its alias names. Code and tests may also pass fields by name.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=str.upper,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings from `os.environ` or another mapping.

        A variable that is set to nothing counts as unset. Raises InvalidSettingsError.
        """
        variables = {field.alias or name for name, field in cls.model_fields.items()}
        found = {name: environment[name] for name in variables if environment.get(name)}
        try:
            return cls.model_validate(found, by_name=False)
        except ValidationError as error:
            raise InvalidSettingsError(_message(error, found)) from error


def _message(error: ValidationError, found: Mapping[str, str]) -> str:
    problems = []
    for entry in error.errors(include_url=False):
        name = str(entry["loc"][0]) if entry["loc"] else ""
        if entry["type"] == "missing":
            problems.append(f"{name} is not set")
        elif name in found:
            problems.append(f"{name} is {found[name]!r}: {entry['msg']}")
        else:
            problems.append(entry["msg"])
    return (
        f"the environment of this function is incomplete or wrong: {'; '.join(sorted(problems))}. "
        "Correct the function's entry in functions.yaml"
    )
