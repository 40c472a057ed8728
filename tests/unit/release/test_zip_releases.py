"""Functions from zip packages are released like the others, also while they become images."""

from __future__ import annotations

import pytest

from fleet.errors import FleetError
from fleet.release.deploy import Source
from fleet.release.infrastructure import Artifacts
from fleet.release.packages import Package
from fleet.release.records import Record
from unit.release.conftest import World, image, zip_
from unit.release.fakes import digest

ZIP, IMAGE, SECOND = "shop-dev-first-zip", "shop-dev-first", "shop-dev-second"


def release(world: World, first_zip: str = "", first_image: str = "", second: str = "b1") -> Record:
    images = {"second": image(second)} | ({"first": image(first_image)} if first_image else {})
    zips = {"first": zip_(first_zip)} if first_zip else {}
    return world.release.run(Artifacts(images, zips), Source("c1"))


@pytest.fixture
def world(world: World) -> World:
    """An environment in which one of two functions runs from a zip package."""
    world.infrastructure.serving["first"] = "zip"
    release(world, first_zip="b1")
    world.cloud.moves.clear()
    world.cloud.invocations.clear()
    return world


def test_it_is_on_record_with_its_package(world: World) -> None:
    [stored] = world.records.newest()
    released = stored.record.functions["first"]
    assert (released.function, released.zip, released.image) == (ZIP, zip_("b1"), None)
    assert released.artifact == Package.parse(zip_("b1")).sha256
    assert world.kept == [("second", image("b1"))]


def test_its_users_move_in_steps_and_back(world: World) -> None:
    release(world, first_zip="b2")
    assert [move for move in world.cloud.moves if move[0] == ZIP] == [
        (ZIP, "1", {"2": 0.1}), (ZIP, "1", {"2": 0.5}), (ZIP, "2", {}),
    ]  # fmt: skip
    assert world.cloud.invocations == [(ZIP, "2")]
    world.rollback()
    assert world.cloud.live(ZIP) == "1"


def test_another_package_than_the_pushed_one(world: World) -> None:
    world.infrastructure.runs["first"] = "bm90IHRoaXM="
    with pytest.raises(FleetError, match=rf"{ZIP} runs bm90IHRoaXM=, not .* that was pushed"):
        release(world, first_zip="b2")
    assert world.cloud.live(ZIP) == "1"


class TestWhileItBecomesAnImage:
    def test_both_are_released(self, world: World) -> None:
        """The one beside it must be what users meet once the events go there."""
        record = release(world, first_zip="b1", first_image="b1")
        assert record.parallel["first"].image == image("b1")
        release(world, first_zip="b2", first_image="b2")
        assert {f: world.cloud.live(f) for f in (ZIP, IMAGE)} == {ZIP: "2", IMAGE: "2"}

    def test_the_one_beside_it_stops_the_release_too(self, world: World) -> None:
        release(world, first_zip="b1", first_image="b1")
        world.cloud.responses[digest("b2")] = ValueError("works from the zip only")
        with pytest.raises(FleetError, match=f"smoke failed: {IMAGE}, version 2"):
            release(world, first_zip="b2", first_image="b2")
        assert {f: world.cloud.live(f) for f in (ZIP, IMAGE)} == {ZIP: "1", IMAGE: "1"}

    def test_no_rollback_reaches_behind_the_move_of_the_events(self, world: World) -> None:
        release(world, first_zip="b1", first_image="b1")
        world.infrastructure.serving["first"] = "image"
        release(world, first_zip="b1", first_image="b1", second="b2")
        world.cloud.moves.clear()

        message = f"ran first as {ZIP}, and its events go to {IMAGE} now.*package_type"
        with pytest.raises(FleetError, match=message):
            world.rollback()
        assert world.cloud.moves == []
        world.rollback(function="second")
        assert world.cloud.live(SECOND) == "1"

        release(world, first_image="b1", second="b3")
        world.rollback()
        assert world.cloud.live(SECOND) == "1"

    def test_a_failed_move_of_the_events_leaves_the_zip_on_record(self, world: World) -> None:
        release(world, first_zip="b1", first_image="b1")
        world.infrastructure.serving["first"] = "image"
        world.cloud.responses[digest("b2")] = ValueError("no")
        with pytest.raises(FleetError, match="smoke failed"):
            release(world, first_zip="b2", first_image="b2")
        # Events have moved with the apply, to the version that the last release has tried.
        assert world.cloud.live(IMAGE) == "1"
