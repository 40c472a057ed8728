"""Sample events, `events/*.json` of each function: given resources and expected outcomes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fleet.catalogue import Catalogue, Function, derive
from fleet.errors import FleetError
from fleet.paths import ROOT

Text = Annotated[str, Field(min_length=1)]
PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GivenObject(_Part):
    """An object that is in a bucket before the function runs; one of the contents is set.

    `metadata` is what a writer puts beside it, such as its hash.
    """

    bucket: str
    key: str
    file: str | None = Field(default=None, description="relative to the function's folder")
    text: str | None = None
    base64: str | None = None
    metadata: dict[str, str] = {}

    def content(self, folder: Path) -> bytes:
        """The object's bytes."""
        if self.file is not None:
            return (folder / self.file).read_bytes()
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return (self.text or "").encode()


class GivenItem(_Part):
    """An item that is in a table before the function runs, as JSON."""

    table: str
    item: dict[str, Any]


class Given(_Part):
    """The state of the cloud before the event.

    Secrets and parameters have values by name; those that are not given hold a placeholder.
    `answers` holds the fixed answer of each function that is called.
    """

    objects: list[GivenObject] = []
    items: list[GivenItem] = []
    secrets: dict[str, Text] = {}
    parameters: dict[str, Text] = {}
    answers: dict[str, Any] = {}


class ExpectedObject(_Part):
    """An object by key, with a subset of its JSON; or how many a prefix holds."""

    bucket: str
    key: str | None = None
    json_: Any = Field(default=None, alias="json")
    prefix: str | None = None
    count: int | None = None


class ExpectedItem(_Part):
    """An item with its keys and a subset of its attributes; or how many items a table holds."""

    table: str
    item: dict[str, Any] | None = None
    count: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.item is None and self.count is None:
            raise ValueError("say which item or what count is expected")
        return self


class Expect(_Part):
    """The outcome: a subset or JSON Schema of the response, and what must be in the cloud."""

    response: Any
    objects: list[ExpectedObject] = []
    items: list[ExpectedItem] = []


class Event(_Part):
    """One sample event, of one function of the image."""

    description: str
    function: str | None = Field(default=None, description="the owner of the image if left out")
    given: Given = Given()
    event: Any
    expect: Expect

    @property
    def needs_cloud(self) -> bool:
        """Whether the function needs an emulated AWS; otherwise it has no network. It needs one if
        `given` is there, even if that is empty: an empty cloud."""
        return "given" in self.model_fields_set or bool(self.expect.objects or self.expect.items)

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


def problems(event: Event, catalogue: Catalogue, function: Function) -> Iterator[str]:
    """Yield what the event names but the function may not use, and which items lack their keys."""
    given, expect, uses = event.given, event.expect, derive.uses(function)
    buckets = [*(o.bucket for o in given.objects), *(o.bucket for o in expect.objects)]
    items = [*((i.table, i.item) for i in given.items), *((i.table, i.item) for i in expect.items)]
    named = (
        ("bucket", buckets, uses.buckets),
        ("table", [table for table, _ in items], uses.tables),
        ("secret", given.secrets, function.secrets),
        ("parameter", given.parameters, function.parameters),
        ("function", given.answers, function.calls),
    )
    for kind, names, allowed in named:
        for name in dict.fromkeys(names):
            if name not in allowed:
                yield (
                    f"the event names {kind} {name}, which functions.yaml does not let the "
                    f"function use; allowed: {', '.join(allowed) or 'none'}"
                )
    for name, item in items:
        if item is not None and (table := catalogue.tables.get(name)):
            for key in derive.key_attributes(table):
                if not isinstance(item.get(key), str):
                    yield f"an item of table {name} needs its key {key}, a text"


def write_sample(
    catalogue: Catalogue,
    function: str,
    environment: Mapping[str, str],
    target: Path,
    root: Path = ROOT,
) -> Path:
    """Write the payload of a sample event, one that needs least, into `target` for curl."""
    events = load(catalogue, function, root)
    name, event = min(events.items(), key=lambda item: item[1].needs_cloud)
    path = target / f"{function}-{name}.json"
    target.mkdir(parents=True, exist_ok=True)
    path.write_bytes(event.payload(environment))
    return path


def load(catalogue: Catalogue, function: str, root: Path = ROOT) -> dict[str, Event]:
    """Every event of a function by name, from the folder of its image below `root`.

    Raises FleetError if there is none, or naming the file that is not an event of this image.
    """
    owner = catalogue.owner_of(function)
    known = catalogue.functions_of(owner)
    folder = root / catalogue.folder_of(function) / "events"
    events = {}
    for path in sorted(folder.glob("*.json")):
        event = _read(path)
        if event.function not in (None, *known):
            raise FleetError(
                f"{path}: function: {event.function} is not in this image; "
                f"allowed: {', '.join(known)}"
            )
        if (event.function or owner) == function:
            events[path.stem] = event
    if not events:
        raise FleetError(
            f"{folder} holds no sample event of {function}; smoke tests need at least one"
        )
    return events


def _read(path: Path) -> Event:
    try:
        return Event.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise FleetError(f"{path}: {place}: {first['msg']}") from error
