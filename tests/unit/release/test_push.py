"""What may get into a registry, and what is taken for granted there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.build import Image
from fleet.images.checks import Finding
from fleet.release import commands
from fleet.release.infrastructure import Artifacts
from fleet.release.packages import Package
from fleet.release.push import Registry, Remote, artifacts, publish
from unit.release.fakes import digest

TAG = "0123456789abcdef-x86_64"
IMAGE = Image("first", "functions/first/Dockerfile", "x86_64", {}, f"shop/first:{TAG}", "")
OTHER = replace(IMAGE, name="second", reference=f"shop/second:{TAG}")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class FakeRegistry(Registry):
    """Holds what was pushed."""

    def __init__(self) -> None:
        super().__init__("registry.example/")
        self.held: dict[str, Remote] = {}
        self.pushes: list[str] = []

    def find(self, image: Image) -> Remote | None:
        return self.held.get(image.reference)

    def push(self, image: Image) -> Remote:
        self.pushes.append(image.name)
        remote = Remote(self.reference(image), digest(image.name), MANIFEST, "sha256:c", "amd64")
        self.held[image.reference] = remote
        return remote


class FakePackages:
    """Has nothing yet."""

    package_type: Final = "zip"

    def find(self, image: Image) -> Package | None:
        return None

    def push(self, image: Image) -> Package:
        return Package("b", f"{image.name}.zip")


def test_pushing_twice_pushes_nothing() -> None:
    registry = FakeRegistry()
    prepared: list[str] = []

    def prepare(missing: list[Image]) -> None:
        prepared.extend(image.name for image in missing)

    wanted = [(registry, IMAGE), (registry, OTHER)]
    first = publish(wanted, prepare)
    again = publish(wanted, prepare)

    assert registry.pushes == prepared == ["first", "second"]
    assert [p.new for p in first + again] == [True, True, False, False]
    images = {"first": f"{TAG}@{digest('first')}", "second": f"{TAG}@{digest('second')}"}
    assert artifacts(first) == artifacts(again) == Artifacts(images)


def test_only_what_is_missing_is_pushed() -> None:
    registry = FakeRegistry()
    publish([(registry, IMAGE)], lambda _: None)
    publish([(registry, IMAGE), (registry, OTHER)], lambda _: None)
    assert registry.pushes == ["first", "second"]


def test_a_function_in_two_stores_is_prepared_once() -> None:
    """While it moves between zip and image."""
    registry, packages = FakeRegistry(), FakePackages()
    prepared: list[str] = []

    def prepare(missing: list[Image]) -> None:
        prepared.extend(image.name for image in missing)

    pushed = publish([(packages, IMAGE), (registry, IMAGE)], prepare)

    assert prepared == ["first"]
    assert artifacts(pushed) == Artifacts(
        {"first": f"{TAG}@{digest('first')}"}, {"first": "s3://b/first.zip"}
    )


def test_nothing_is_pushed_if_one_image_must_not_be() -> None:
    registry = FakeRegistry()

    def refuse(missing: list[Image]) -> None:
        raise FleetError("second is bad")

    with pytest.raises(FleetError, match="second is bad"):
        publish([(registry, IMAGE), (registry, OTHER)], refuse)
    assert registry.pushes == []


class TestPrepare:
    """What stops an image before the push: each check of `make verify`, and smoke."""

    @pytest.fixture(autouse=True)
    def _built(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fleet.images.build.build", lambda images, root: images)
        monkeypatch.setattr(engine, "runs", lambda architecture: architecture == "x86_64")
        monkeypatch.setattr("fleet.images.verify.verify", lambda *_: [])
        monkeypatch.setattr("fleet.images.suite.run", lambda *_: iter(()))

    @pytest.mark.parametrize(
        ("check", "message"),
        [
            ("manifest", "2 manifests or an index instead of one image manifest"),
            ("architecture", "built for arm64, catalogued as x86_64"),
        ],
    )
    def test_verify(
        self, catalogue, monkeypatch: pytest.MonkeyPatch, check: str, message: str
    ) -> None:
        finding = Finding(check, message, "do this")
        monkeypatch.setattr("fleet.images.verify.verify", lambda *_: [finding])
        with pytest.raises(FleetError, match=f"nothing was pushed:\nfirst: {check}: {message}"):
            commands._prepare(catalogue, [IMAGE])

    def test_a_foreign_architecture(self, catalogue) -> None:
        foreign = replace(IMAGE, architecture="arm64")
        with pytest.raises(FleetError, match=r"lacks first \(arm64\).*run `make push` on one"):
            commands._prepare(catalogue, [foreign])


class TestFind:
    """What the registry answers, as `docker buildx imagetools inspect` prints it."""

    @pytest.fixture
    def answers(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def answer(media_type: str = MANIFEST, architecture: str = "amd64") -> None:
            manifest = {"mediaType": media_type, "config": {"digest": "sha256:c"}}
            described = {
                "manifest": {"mediaType": media_type, "digest": digest("first")},
                "image": {"architecture": architecture},
            }

            def docker(*arguments: str, **_: object) -> str:
                return json.dumps(manifest if "--raw" in arguments else described)

            monkeypatch.setattr(engine, "docker", docker)

        return answer

    def test_one_manifest(self, answers) -> None:
        answers()
        found = Registry("registry.example").find(IMAGE)
        assert found
        assert (found.digest, found.config_digest) == (digest("first"), "sha256:c")

    def test_an_index(self, answers) -> None:
        answers(media_type=INDEX)
        with pytest.raises(FleetError, match=r"is an index, which Lambda refuses.*provenance"):
            Registry("registry.example").find(IMAGE)

    def test_another_architecture(self, answers) -> None:
        answers(architecture="arm64")
        with pytest.raises(FleetError, match="is built for arm64, not x86_64"):
            Registry("registry.example").find(IMAGE)

    @pytest.mark.parametrize(
        "error",
        [
            "ERROR: registry.example/shop/first:x: not found",
            "manifest unknown: Requested image not found",
            "name unknown: The repository with name 'shop/first' does not exist",
        ],
    )
    def test_nothing(self, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
        monkeypatch.setattr(engine, "docker", _fail(error))
        assert Registry("registry.example").find(IMAGE) is None

    def test_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "docker", _fail("dial tcp: connection refused"))
        with pytest.raises(FleetError, match=r"cannot be asked about [\s\S]*connection refused"):
            Registry("registry.example").find(IMAGE)


def _fail(message: str) -> Callable[..., str]:
    def docker(*_: str, **__: object) -> str:
        raise FleetError(f"docker buildx imagetools failed:\n{message}")

    return docker
