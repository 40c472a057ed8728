"""Reads `functions.yaml`; refuses mistakes, naming file, line and allowed values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fleet.catalogue.model import Catalogue
from fleet.catalogue.rules import problems
from fleet.errors import FleetError

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at one place of the catalogue."""

    location: Location
    message: str


class CatalogueError(FleetError):
    """Every problem of the catalogue, one line each: `file:line: place: message`."""


def load(path: Path) -> Catalogue:
    """Return the catalogue at `path`; folders it names are looked up beside it.

    Raises CatalogueError with all problems found, in the order of their lines.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path.name}: cannot be read: {error.strerror}") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path.name}: not valid YAML: {error}") from error
    if not isinstance(node, yaml.MappingNode):
        raise CatalogueError(f"{path.name}:1: expected a mapping with `project` and `functions`")

    duplicates = list(_duplicate_keys(node))
    if duplicates:
        raise _error(path, node, duplicates)
    try:
        catalogue = Catalogue.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        found = [Problem(_yaml_location(e), _sentence(e)) for e in error.errors()]
        raise _error(path, node, found) from error
    found = [Problem(where, what) for where, what in problems(catalogue, path.parent)]
    if found:
        raise _error(path, node, found)
    return catalogue


def json_schema() -> str:
    """The JSON Schema of the catalogue, for editors and Terraform."""
    return json.dumps(Catalogue.model_json_schema(), indent=2) + "\n"


def _error(path: Path, root: yaml.Node, found: list[Problem]) -> CatalogueError:
    lines = sorted(
        (_line(root, p.location), f"{'.'.join(map(str, p.location)) or 'catalogue'}: {p.message}")
        for p in found
    )
    return CatalogueError("\n".join(f"{path.name}:{line}: {text}" for line, text in lines))


def _line(node: yaml.Node, location: Location) -> int:
    """Line (from 1) of the deepest node on the way to `location`."""
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _duplicate_keys(node: yaml.Node, location: Location = ()) -> Iterator[Problem]:
    """YAML keeps the last of two equal keys silently; a catalogue must not."""
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            here = (*location, key.value)
            if key.value in first:
                yield Problem(
                    here,
                    f"named twice, on lines {first[key.value]} and {key.start_mark.line + 1}; "
                    "keep one",
                )
            first.setdefault(key.value, key.start_mark.line + 1)
            yield from _duplicate_keys(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _duplicate_keys(item, (*location, index))


def _yaml_location(error: ErrorDetails) -> Location:
    """Pydantic's location without the parts that are not in the file: `[...]`, triggers' types."""
    location: list[str | int] = []
    for part in error["loc"]:
        bracketed = isinstance(part, str) and part.startswith("[")
        if bracketed or (location and isinstance(location[-1], int) and _is_tag(part)):
            continue
        location.append(part)
    return tuple(location)


def _is_tag(part: str | int) -> bool:
    return part in ("s3", "queue", "schedule", "http")


def _sentence(error: ErrorDetails) -> str:
    """Pydantic's message, with the allowed values if it lacks them."""
    context: dict[str, Any] = error.get("ctx", {})
    given = error["input"]
    match error["type"]:
        case "extra_forbidden":
            return "unknown key; see functions.schema.json for the keys allowed here"
        case "missing":
            return "missing; this key is required"
        case "string_pattern_mismatch":
            return f"{given!r} is not allowed; it must match {context['pattern']}"
        case "union_tag_invalid":
            return f"type {context['tag']!r} is unknown; allowed: {context['expected_tags']}"
        case "union_tag_not_found":
            return "missing `type`; allowed: s3, queue, schedule, http"
        case "literal_error" if context["expected"] == "True":
            return f"{given!r} is not allowed; write true, or leave the key out"
        case "value_error":
            return str(context["error"])
        case _:
            return f"{given!r}: {error['msg'][:1].lower()}{error['msg'][1:]}"
