"""Sample events: `events/*.json` beside each function, with what is given and what is expected."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.errors import FleetError

PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GivenObject(_Part):
    """An object that is in a bucket before the function runs; one of the contents is set."""

    bucket: str
    key: str
    file: str | None = Field(default=None, description="relative to the function's folder")
    text: str | None = None
    base64: str | None = None

    def content(self, folder: Path) -> bytes:
        """The object's bytes."""
        if self.file is not None:
            return (folder / self.file).read_bytes()
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return (self.text or "").encode()


class Given(_Part):
    """The state of the cloud before the event."""

    objects: list[GivenObject] = []


class ExpectedObject(_Part):
    """An object by key, with a subset of its JSON; or how many a prefix holds."""

    bucket: str
    key: str | None = None
    json_: Any = Field(default=None, alias="json")
    prefix: str | None = None
    count: int | None = None


class Expect(_Part):
    """The outcome: a subset or JSON Schema of the response, and objects that must be there."""

    response: Any
    objects: list[ExpectedObject] = []


class Event(_Part):
    """One sample event."""

    description: str
    given: Given = Given()
    event: Any
    expect: Expect

    @property
    def needs_cloud(self) -> bool:
        """Whether the function needs more than itself; without it there is no network at all."""
        return bool(self.given.objects or self.expect.objects)

    def payload(self, environment: Mapping[str, str]) -> bytes:
        """The event's JSON with ${NAME} replaced from the function's environment.

        Raises FleetError for a name that the function does not get.
        """

        def value(match: re.Match[str]) -> str:
            try:
                return environment[match[1]]
            except KeyError:
                raise FleetError(
                    f"${{{match[1]}}} is not in the function's environment; "
                    f"known: {', '.join(sorted(environment))}"
                ) from None

        return PLACEHOLDER.sub(value, json.dumps(self.event)).encode()


def write_sample(folder: Path, environment: Mapping[str, str], target: Path) -> Path:
    """Write the payload of a sample event, one that needs least, into `target` for curl."""
    name, event = min(load(folder).items(), key=lambda item: item[1].needs_cloud)
    path = target / f"{folder.name}-{name}.json"
    target.mkdir(parents=True, exist_ok=True)
    path.write_bytes(event.payload(environment))
    return path


def load(folder: Path) -> dict[str, Event]:
    """Every event of a function's folder by name.

    Raises FleetError if there is none, or naming the file that is not an event.
    """
    events = {}
    for path in sorted((folder / "events").glob("*.json")):
        try:
            events[path.stem] = Event.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise FleetError(f"{path}: {place}: {first['msg']}") from error
    if not events:
        raise FleetError(f"{folder}/events holds no sample event; smoke tests need one at least")
    return events
