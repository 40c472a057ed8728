"""Reads a function's environment; a variable that is set to nothing counts as not set."""

from __future__ import annotations

from collections.abc import Mapping


class MissingSettingError(Exception):
    """An environment variable that the function needs is not set."""


class InvalidSettingError(Exception):
    """An environment variable of the function has a value that it cannot have."""


def required(environment: Mapping[str, str], name: str) -> str:
    """The value of a variable. Raises MissingSettingError that names it."""
    value = optional(environment, name)
    if value is None:
        raise MissingSettingError(f"set the environment variable {name} of this function")
    return value


def optional(environment: Mapping[str, str], name: str) -> str | None:
    """The value of a variable that may be left out."""
    return environment.get(name) or None


def positive(environment: Mapping[str, str], name: str, default: int) -> int:
    """A whole number above 0, or the default. Raises InvalidSettingError that names it."""
    value = optional(environment, name)
    if value is None:
        return default
    if not value.isdecimal() or int(value) == 0:
        raise InvalidSettingError(
            f"the environment variable {name} is {value!r}; set it to a whole number above 0"
        )
    return int(value)
