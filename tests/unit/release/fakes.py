"""A small AWS that behaves: versions that take time, aliases with revisions, alarms, a bucket."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet.errors import FleetError
from fleet.release.cloud import (
    Alias,
    Answer,
    FailureMetric,
    Identity,
    Limits,
    MovedByOtherError,
    Version,
)
from fleet.release.infrastructure import Artifacts, Deployed, FailureMetrics, PackageType
from fleet.release.packages import Package

READY_AFTER_S = 7.0


def digest(text: str) -> str:
    """A digest that tells what it stands for."""
    return f"sha256:{text.encode().hex():0>64}"


class FakeClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds


@dataclass
class FakeFunction:
    artifacts: list[str] = field(default_factory=list)
    published: list[float] = field(default_factory=list)
    alias: Alias | None = None


class FakeCloud:
    """`responses` gives what an artifact answers: any JSON value, or an exception it fails with."""

    region = "us-east-1"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.functions: dict[str, FakeFunction] = {}
        self.responses: dict[str, object] = {}
        self.broken: set[str] = set()
        self.alarms_when: Callable[[FakeCloud], set[str]] = lambda _: set()
        self.failures: Callable[[FailureMetric, float, float], float] = lambda *_: 0
        self.refuse_moves: set[str] = set()
        self.after_move: Callable[[str, Alias], None] = lambda *_: None
        self.invocations: list[tuple[str, str]] = []
        self.moves: list[tuple[str, str, dict[str, float]]] = []
        self._revisions = itertools.count()

    def publish(self, function: str, artifact: str) -> str:
        """As Lambda: a new version, unless the newest has this artifact already."""
        known = self.functions.setdefault(function, FakeFunction())
        if not known.artifacts or known.artifacts[-1] != artifact:
            known.artifacts.append(artifact)
            known.published.append(self.clock.now())
        number = str(len(known.artifacts))
        if known.alias is None:
            known.alias = Alias(number, self._revision())
        return number

    def live(self, function: str) -> str:
        alias = self.alias(function)
        assert alias.weights == {}
        return alias.version

    def identity(self) -> Identity:
        return Identity("123456789012", "arn:aws:sts::123456789012:assumed-role/ci/ada")

    def limits(self) -> Limits:
        return Limits(1000, 80_530_636_800, 0)

    def version(self, function: str, number: str) -> Version:
        known = self._function(function)
        try:
            artifact = known.artifacts[int(number) - 1]
        except IndexError:
            raise FleetError(f"AWS refuses: no version {number} of {function}") from None
        ready = self.clock.now() >= known.published[int(number) - 1] + READY_AFTER_S
        state = "Failed" if artifact in self.broken else "Active" if ready else "Pending"
        return Version(
            number=number,
            state=state,
            last_update="Successful" if ready else "InProgress",
            reason="the image cannot be started" if state == "Failed" else "",
            artifact=artifact,
            environment={"RAW_BUCKET": "bucket"},
        )

    def alias(self, function: str) -> Alias:
        alias = self._function(function).alias
        assert alias
        return alias

    def move(self, function: str, seen: Alias, version: str, weights: Mapping[str, float]) -> Alias:
        known = self._function(function)
        assert known.alias
        if function in self.refuse_moves:
            raise FleetError("AWS refuses: TooManyRequestsException")
        if known.alias.revision != seen.revision:
            raise MovedByOtherError("somebody else has changed it meanwhile")
        for number in (version, *weights):
            self.version(function, number)
        moved = Alias(version, self._revision(), dict(weights))
        known.alias = moved
        self.moves.append((function, version, dict(weights)))
        self.after_move(function, moved)
        return moved

    def invoke(self, function: str, version: str, payload: bytes) -> Answer:
        self.invocations.append((function, version))
        response = self.responses.get(self.version(function, version).artifact, {"ok": True})
        if isinstance(response, Exception):
            body = {"errorType": type(response).__name__, "errorMessage": str(response)}
            return Answer("Unhandled", json.dumps(body))
        return Answer(None, json.dumps(response))

    def in_alarm(self, alarms: Iterable[str]) -> set[str]:
        return self.alarms_when(self) & set(alarms)

    def totals(
        self, metrics: Sequence[FailureMetric], since: float, until: float
    ) -> dict[FailureMetric, float]:
        assert since < until
        return {metric: self.failures(metric, since, until) for metric in metrics}

    def _function(self, name: str) -> FakeFunction:
        if name not in self.functions:
            raise FleetError(f"AWS refuses: no function {name}")
        return self.functions[name]

    def _revision(self) -> str:
        return f"revision-{next(self._revisions)}"


class FakeInfrastructure:
    """Publishes what was planned, as an apply of Terraform does; `runs` overrides an artifact.

    `serving` names the package type whose function gets the events, where it is not the image;
    `shared`, by function, the owner whose image it is in.
    """

    def __init__(self, cloud: FakeCloud, prefix: str) -> None:
        self.cloud = cloud
        self.prefix = prefix
        self.fails = False
        self.runs: dict[str, str] = {}
        self.serving: dict[str, PackageType] = {}
        self.shared: dict[str, str] = {}
        self.applied = 0
        self._planned = Artifacts()

    def plan(self, artifacts: Artifacts) -> None:
        self._planned = artifacts

    def apply(self) -> list[Deployed]:
        self.applied += 1
        if self.fails:
            raise FleetError("terraform apply failed; its own message is above")
        made = [
            *((name, "image", i.partition("@")[2]) for name, i in self._planned.images.items()),
            *((name, "zip", Package.parse(z).sha256) for name, z in self._planned.zips.items()),
        ]
        return [
            self._function(name, package_type, code)
            for owner, package_type, code in made
            for name in (owner, *(n for n, other in self.shared.items() if other == owner))
        ]

    def _function(self, name: str, package_type: PackageType, code: str) -> Deployed:
        function = f"{self.prefix}-{name}{'-zip' if package_type == 'zip' else ''}"
        number = self.cloud.publish(function, self.runs.get(name, code))
        parallel = package_type != self.serving.get(name, "image")
        alarms = () if parallel else (f"{function}-errors",)
        failures = FailureMetrics("shop-dev", ("MessagesFailed",), 2)
        return Deployed(name, function, number, package_type, alarms, failures, parallel)


class FakeDestroyable:
    """Holds addresses; an apply of the plan of destruction removes them, unless it fails."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses
        self.fails = False
        self._planned: list[str] = []

    def plan_destruction(self) -> None:
        self._planned = list(self.addresses)

    def planned(self) -> dict[str, Any]:
        changes = [{"address": a, "change": {"actions": ["delete"]}} for a in self._planned]
        return {"resource_changes": changes}

    def apply_plan(self) -> None:
        if self.fails:
            raise FleetError("terraform apply failed; its own message is above")
        self.addresses.clear()


class FakeBucket:
    """A bucket with conditional writes; every write is a second after the last."""

    name = "shop-releases-1"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.fails = False
        self._written: dict[str, datetime] = {}
        self._tags = itertools.count()

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def get(self, key: str) -> tuple[bytes, str]:
        return self.objects[key]

    def put(self, key: str, content: bytes, seen: str | None) -> str:
        if self.fails:
            raise FleetError("AWS refuses: 503 Slow Down")
        current = self.objects[key][1] if key in self.objects else None
        if current != seen:
            raise MovedByOtherError("somebody else has changed it meanwhile")
        number = next(self._tags)
        self.objects[key] = (content, f"tag-{number}")
        self._written[key] = datetime.fromtimestamp(number, UTC)
        return f"tag-{number}"

    def times(self, prefix: str) -> dict[str, datetime]:
        return {key: self._written[key] for key in self.keys(prefix)}

    def upload(self, key: str, path: Path, sha256: str) -> None:
        content = path.read_bytes()
        assert base64.b64decode(sha256) == hashlib.sha256(content).digest()
        self.put(key, content, None)
