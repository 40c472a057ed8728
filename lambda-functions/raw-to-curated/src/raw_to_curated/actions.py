"""Direct invocations of the function: events with an `action`, see README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)


class UnknownActionError(Exception):
    """The event asks for something that this function does not do."""


def parsed(model: type[T], event: Mapping[str, Any]) -> T:
    """The event as a model. Raises UnknownActionError, which names what is wrong or missing, and
    shows no value: one may be large, or nested too deeply to be shown."""
    try:
        return model.model_validate(event)
    except ValidationError as error:
        entries = error.errors(include_url=False, include_input=False, include_context=False)
    wrong = "; ".join(
        f"{'.'.join(map(str, entry['loc'])) or 'the event'}: {entry['msg']}" for entry in entries
    )
    raise UnknownActionError(f"{wrong}. README.md of raw-to-curated describes the events")
