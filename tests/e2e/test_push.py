"""Pushes of a tiny image to a real OCI registry."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.oci_registry import OciRegistry, serve
from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.build import Image
from fleet.release.push import Pushed, Registry, publish

pytestmark = pytest.mark.docker

NAME = "push-test/tiny"
PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@pytest.fixture(scope="module")
def oci(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OciRegistry]:
    with serve(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture
def make_image(tmp_path: Path) -> Iterator[Callable[..., Image]]:
    made = []

    def make(tag: str, architecture: str = "x86_64") -> Image:
        (tmp_path / "Dockerfile").write_text(f"FROM scratch\nCOPY Dockerfile /{tag}\n")
        reference = f"{NAME}:{tag}"
        engine.docker(
            "buildx", "build", "--quiet", "--load", "--provenance=false",
            "--platform", PLATFORMS[architecture], "--tag", reference, str(tmp_path),
        )  # fmt: skip
        made.append(reference)
        return Image("tiny", "Dockerfile", "x86_64", {}, reference, reference)

    yield make
    engine.succeeds("rmi", "--force", *made)


def digest(pushed: Pushed) -> str:
    return pushed.held.artifact.partition("@")[2]


def test_what_the_registry_resolves_is_recorded(oci: OciRegistry, make_image) -> None:
    image = make_image("first")

    [pushed] = publish([(Registry(oci.prefix), image)], lambda _: None)

    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    url = f"http://{oci.prefix}/v2/{NAME}/manifests/first"
    with urllib.request.urlopen(urllib.request.Request(url, headers=accept)) as answer:
        assert digest(pushed) == answer.headers["Docker-Content-Digest"]
        assert digest(pushed) == f"sha256:{hashlib.sha256(answer.read()).hexdigest()}"
    assert pushed.new
    assert not engine.image_exists(f"{oci.prefix}/{image.reference}")
    assert engine.image_exists(image.reference)


def test_pushing_twice_pushes_nothing(oci: OciRegistry, make_image) -> None:
    image = make_image("twice")
    [first] = publish([(Registry(oci.prefix), image)], lambda _: None)
    writes = oci.writes()

    [second] = publish([(Registry(oci.prefix), image)], lambda _: pytest.fail("nothing is missing"))

    assert (second.new, digest(second)) == (False, digest(first))
    assert oci.writes() == writes > 0


def test_an_index_under_the_tag_is_refused(oci: OciRegistry, make_image) -> None:
    image = make_image("plain")
    [pushed] = publish([(Registry(oci.prefix), image)], lambda _: None)
    oci.put_index(NAME, "index", digest(pushed))

    index = replace(image, reference=f"{NAME}:index")
    with pytest.raises(FleetError, match="is an index, which Lambda refuses"):
        publish([(Registry(oci.prefix), index)], lambda _: None)


def test_another_architecture_is_refused(oci: OciRegistry, make_image) -> None:
    image = make_image("arm", architecture="arm64")
    with pytest.raises(FleetError, match="is built for arm64, not x86_64"):
        publish([(Registry(oci.prefix), image)], lambda _: None)


def test_another_image_that_came_first_is_noticed(oci: OciRegistry, make_image) -> None:
    registry = Registry(oci.prefix)
    mine = make_image("mine")
    theirs = replace(make_image("theirs"), reference=mine.reference)
    # Between the look and the push, somebody pushes another image under the tag.
    found = registry.find(mine)
    assert found is None

    class Late(Registry):
        def find(self, image: Image):
            engine.docker("tag", f"{NAME}:theirs", f"{oci.prefix}/{theirs.reference}")
            engine.docker("push", "--quiet", f"{oci.prefix}/{theirs.reference}")
            engine.docker("rmi", "--no-prune", f"{oci.prefix}/{theirs.reference}")
            return super().find(image)

    with pytest.raises(FleetError, match="is not what was pushed"):
        Late(oci.prefix).push(mine)


def test_no_registry(make_image) -> None:
    image = make_image("nowhere")
    with pytest.raises(FleetError, match=r"127\.0\.0\.1:1 cannot be asked about"):
        publish([(Registry("127.0.0.1:1"), image)], lambda _: None)
