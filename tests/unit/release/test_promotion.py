from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.errors import FleetError
from fleet.release import promotion
from fleet.release.deploy import Source
from fleet.release.environments import Environment
from fleet.release.infrastructure import Artifacts
from fleet.release.records import Record
from unit.release.conftest import image, zip_

PROD = Environment("prod", "us-east-1", None)


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOW_DIRTY", raising=False)


def test_the_same_digests_go_live_in_the_next_environment(make_world, catalogue) -> None:
    dev, prod = make_world("dev"), make_world("prod")
    dev.deploy("c1", first="b1", second="b1")
    origin = promotion.origin(dev.records.newest(), "dev", Source("c1"))

    artifacts = promotion.artifacts(catalogue, origin, "dev", PROD)
    record = prod.release.run(artifacts, Source("c1"), "promote", "dev 1")

    assert prod.live() == {"shop-prod-first": "b1", "shop-prod-second": "b1"}
    assert (record.kind, record.promoted_from) == ("promote", "dev 1")
    assert record.functions["first"].artifact == origin.functions["first"].artifact


def test_what_is_live_is_promoted_not_what_was_deployed_last(world, catalogue) -> None:
    def promoted(origin: Record) -> dict[str, str]:
        return dict(promotion.artifacts(catalogue, origin, "dev", PROD).images)

    world.deploy("c1", first="b1", second="b1")
    world.deploy("c2", first="b2", second="b2")
    world.rollback(function="second")
    origin = promotion.origin(world.records.newest(), "dev", Source("c2"))
    assert promoted(origin) == {"first": image("b2"), "second": image("b1")}
    world.rollback()
    origin = promotion.origin(world.records.newest(), "dev", Source("c1"))
    assert promoted(origin) == {"first": image("b1"), "second": image("b1")}


def test_from_another_commit(world, monkeypatch) -> None:
    world.deploy("c1", first="b1", second="b1")
    with pytest.raises(FleetError, match="git checkout c1"):
        promotion.origin(world.records.newest(), "dev", Source("c2"))
    monkeypatch.setenv("ALLOW_DIRTY", "1")
    assert promotion.origin(world.records.newest(), "dev", Source("c2")).number == 1


def test_from_an_empty_environment(world) -> None:
    with pytest.raises(FleetError, match="nothing is live in dev"):
        promotion.origin(world.records.newest(), "dev", Source("c1"))


class TestWhatMovesBetweenZipAndImage:
    PACKAGES = Artifacts({"first": image("b1"), "second": image("b1")}, {"first": zip_("b1")})

    def test_goes_with_both(self, make_world, catalogue) -> None:
        dev = make_world("dev")
        dev.release.run(self.PACKAGES, Source("c1"))
        origin = promotion.origin(dev.records.newest(), "dev", Source("c1"))
        moving = replace(PROD, parallel_packages={"first": "zip"})
        assert promotion.artifacts(catalogue, origin, "dev", moving) == self.PACKAGES

    def test_must_move_where_it_comes_from_too(self, world, catalogue) -> None:
        world.deploy("c1", first="b1", second="b1")
        origin = promotion.origin(world.records.newest(), "dev", Source("c1"))
        moving = replace(PROD, parallel_packages={"first": "zip"})
        message = "release 1 of dev has no zip of first.*parallel_packages of dev too"
        with pytest.raises(FleetError, match=message):
            promotion.artifacts(catalogue, origin, "dev", moving)


def test_one_image_of_several_functions_is_promoted_once(world, catalogue) -> None:
    world.infrastructure.shared["second"] = "first"
    world.deploy("c1", first="b1")
    origin = promotion.origin(world.records.newest(), "dev", Source("c1"))
    second = catalogue.functions["second"].model_copy(update={"folder": None, "image": "first"})
    catalogue = catalogue.model_copy(update={"functions": catalogue.functions | {"second": second}})

    assert promotion.artifacts(catalogue, origin, "dev", PROD).images == {"first": image("b1")}
