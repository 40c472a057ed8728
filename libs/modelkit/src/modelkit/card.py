"""The card of a model: what it was made from, how, and how good it is.

A card holds nothing but what follows from data, code and seed: its date is that of the data, not of
the clock. So the same training gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias, TypeVar, get_args

Better: TypeAlias = Literal["higher", "lower"]
Values: TypeAlias = Mapping[str, float]
"""Metric → value."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"\d+\.\d+")

T = TypeVar("T")


class InvalidCardError(Exception):
    """The card does not have the form of a card; the message names the field."""


@dataclass(frozen=True)
class DataSet:
    """The data of a training or an evaluation; `sha256` is of its bytes as they were read."""

    name: str
    sha256: str
    rows: int

    @classmethod
    def of(cls, name: str, content: bytes, rows: int) -> DataSet:
        """The data set with this content."""
        return cls(name, hashlib.sha256(content).hexdigest(), rows)


@dataclass(frozen=True)
class ArtefactFile:
    """The file of an artefact, beside its card."""

    name: str
    sha256: str
    size: int

    @classmethod
    def of(cls, name: str, content: bytes) -> ArtefactFile:
        """The file with this content, `size` in bytes."""
        return cls(name, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class Card:
    """What a model is.

    `version` is MAJOR.MINOR; `created` is the last day that the training data covers. `better` says
    of each metric whether higher or lower values are better; `metrics` are those of the model and
    `baselines` those of each baseline, on the same held-out data. Raises InvalidCardError.
    """

    name: str
    version: str
    created: date
    seed: int
    data: DataSet
    artefact: ArtefactFile
    better: Mapping[str, Better]
    metrics: Values
    baselines: Mapping[str, Values]

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise InvalidCardError(f"version is {self.version!r}; it must be MAJOR.MINOR")
        for place, sha256 in (
            ("data.sha256", self.data.sha256),
            ("artefact.sha256", self.artefact.sha256),
        ):
            if not _SHA256.fullmatch(sha256):
                raise InvalidCardError(f"{place} is {sha256!r}; it must be 64 hexadecimal digits")
        if not re.fullmatch(r"[\w-][\w.-]*", self.artefact.name):
            raise InvalidCardError(f"artefact.name is {self.artefact.name!r}; it must name a file")
        check_values(self.better, self.metrics, self.baselines)

    @property
    def model_version(self) -> str:
        """Version and the beginning of the artefact's hash: equal only for equal models."""
        return f"{self.version}+{self.artefact.sha256[:12]}"

    def to_json(self) -> str:
        """The card as the text of card.json; equal cards have equal text."""
        content = {
            "name": self.name,
            "version": self.version,
            "created": self.created.isoformat(),
            "seed": self.seed,
            "data": vars(self.data),
            "artefact": vars(self.artefact),
            "better": dict(self.better),
            "metrics": dict(self.metrics),
            "baselines": {name: dict(values) for name, values in self.baselines.items()},
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read a card. Raises InvalidCardError."""
        try:
            content = json.loads(text)
        except ValueError as error:
            raise InvalidCardError(f"the card is not JSON: {error}") from error
        data, artefact = _part(content, "data", dict), _part(content, "artefact", dict)
        created = _part(content, "created", str)
        try:
            day = date.fromisoformat(created)
        except ValueError as error:
            raise InvalidCardError(f"created is {created!r}; it must be a date") from error
        return cls(
            name=_part(content, "name", str),
            version=_part(content, "version", str),
            created=day,
            seed=_part(content, "seed", int),
            data=DataSet(
                name=_part(data, "name", str, "data."),
                sha256=_part(data, "sha256", str, "data."),
                rows=_part(data, "rows", int, "data."),
            ),
            artefact=ArtefactFile(
                name=_part(artefact, "name", str, "artefact."),
                sha256=_part(artefact, "sha256", str, "artefact."),
                size=_part(artefact, "size", int, "artefact."),
            ),
            better=_part(content, "better", dict),
            metrics=_part(content, "metrics", dict),
            baselines=_part(content, "baselines", dict),
        )


def check_values(
    better: Mapping[str, Better], metrics: Values, baselines: Mapping[str, Values]
) -> None:
    """Raise InvalidCardError unless model and baselines have a finite value of every metric."""
    for metric, direction in better.items():
        if direction not in get_args(Better):
            raise InvalidCardError(f"better.{metric} is {direction!r}; it must be higher or lower")
    for place, values in (
        ("metrics", metrics),
        *((f"baselines.{name}", values) for name, values in baselines.items()),
    ):
        if not isinstance(values, Mapping) or set(values) != set(better):
            raise InvalidCardError(f"{place} must have exactly the metrics {', '.join(better)}")
        for metric, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidCardError(f"{place}.{metric} is {value!r}; it must be a number")
            if not math.isfinite(value):
                raise InvalidCardError(f"{place}.{metric} is {value}; it must be finite")


def _part(content: Any, name: str, kind: type[T], place: str = "") -> T:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InvalidCardError(f"{place}{name} is {value!r}; it must be a {kind.__name__}")
    return value
