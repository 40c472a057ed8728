from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from fleet.catalogue import Catalogue
from fleet.images.events import Event
from fleet.release.deploy import Release, Source
from fleet.release.infrastructure import Artifacts
from fleet.release.records import Record, Records
from fleet.release.rollback import rollback
from fleet.release.shift import Steps
from unit.release.fakes import FakeBucket, FakeClock, FakeCloud, FakeInfrastructure, digest

FUNCTION = {
    "description": "A function that tests make",
    "handler": "handler.lambda_handler",
    "memory_mb": 512,
    "timeout_s": 10,
    "budgets": {"image_mb": 100, "init_ms": 1000},
}
EVENT = {"description": "Says ok.", "event": {"at": "${RAW_BUCKET}"}, "expect": {"response": {}}}
OK = EVENT | {"expect": {"response": {"ok": True}}}


@dataclass
class World:
    """A fake AWS with one environment, and the verbs of a release over it."""

    clock: FakeClock
    cloud: FakeCloud
    bucket: FakeBucket
    infrastructure: FakeInfrastructure
    release: Release
    reported: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def deploy(self, commit: str = "c1", **builds: str) -> Record:
        """Release builds by function, such as `first="b1"`."""
        images = {name: image(build) for name, build in builds.items()}
        return self.release.run(Artifacts(images), Source(commit))

    def rollback(self, to: int | None = None, function: str | None = None) -> Record:
        """`function` moves back with all functions of its image."""
        owner_of, names = self.release.owner_of, self.release.smoke_events
        together = function and {n for n in names if owner_of(n) == owner_of(function)} | {function}
        return rollback(
            self.cloud, self.records, "c9", self.reported.append, to=to, functions=together or None
        )

    def live(self) -> dict[str, str]:
        """The build that users of each function reach."""
        return {
            name: bytes.fromhex(self.cloud.version(name, self.cloud.live(name)).artifact[7:])
            .lstrip(b"\0")
            .decode()
            for name in self.cloud.functions
        }

    @property
    def records(self) -> Records:
        return self.release.records

    def statuses(self) -> list[tuple[str, str]]:
        return [(s.record.kind, s.record.status) for s in self.records.newest()]

    def with_(self, **changes: object) -> World:
        return replace(self, release=replace(self.release, **changes))


def image(build: str) -> str:
    """tag@digest of a build."""
    return f"{build.encode().hex():0>16}-x86_64@{digest(build)}"


def zip_(build: str) -> str:
    """The zip package of a build, whose hash is that of its image."""
    key = f"dev/packages/first/{build.encode().hex():0>16}-x86_64-{digest(build)[7:]}.zip"
    return f"s3://shop-releases-1/{key}"


@pytest.fixture
def catalogue() -> Catalogue:
    functions = {name: FUNCTION | {"folder": f"functions/{name}"} for name in ("first", "second")}
    return Catalogue.model_validate({"project": "shop", "functions": functions})


@pytest.fixture
def make_world(catalogue: Catalogue) -> Callable[..., World]:
    def make(environment: str = "dev") -> World:
        clock = FakeClock()
        cloud = FakeCloud(clock)
        bucket = FakeBucket()
        infrastructure = FakeInfrastructure(cloud, f"shop-{environment}")
        reported: list[str] = []
        kept: list[tuple[str, str]] = []
        events: Mapping[str, Mapping[str, Event]] = {
            name: {"ok": Event.model_validate(OK)} for name in catalogue.functions
        }
        release = Release(
            environment=environment,
            cloud=cloud,
            infrastructure=infrastructure,
            records=Records(bucket, environment, clock),
            clock=clock,
            steps=Steps([10, 50], 60),
            smoke_events=events,
            owner_of=lambda name: infrastructure.shared.get(name, name),
            keep=lambda *which: kept.append(which),
            report=reported.append,
        )
        return World(clock, cloud, bucket, infrastructure, release, reported, kept)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
