"""Back to what was live before, as often as asked, and never forward again by accident."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fleet.errors import FleetError
from unit.release.conftest import World
from unit.release.fakes import digest

FIRST, SECOND = "shop-dev-first", "shop-dev-second"


@pytest.fixture
def world(world: World) -> World:
    """Three releases: the second changed one function, the third both."""
    world.deploy("c1", first="b1", second="b1")
    world.deploy("c2", first="b2", second="b1")
    world.deploy("c3", first="b3", second="b3")
    world.cloud.moves.clear()
    return world


def test_goes_to_the_release_before(world: World) -> None:
    begun = world.clock.now()

    record = world.rollback()

    assert world.live() == {FIRST: "b2", SECOND: "b1"}
    assert (record.kind, record.restores) == ("rollback", 2)
    assert world.clock.now() == begun


def test_twice_goes_back_twice(world: World) -> None:
    world.rollback()
    world.rollback()
    assert world.live() == {FIRST: "b1", SECOND: "b1"}
    with pytest.raises(FleetError, match="release 1 is the first on record"):
        world.rollback()


def test_to_a_release(world: World) -> None:
    world.rollback(to=1)
    assert world.live() == {FIRST: "b1", SECOND: "b1"}
    world.rollback(to=3)
    assert world.live() == {FIRST: "b3", SECOND: "b3"}
    world.rollback()
    assert world.live() == {FIRST: "b1", SECOND: "b1"}


def test_to_what_was_never_live(world: World) -> None:
    with pytest.raises(FleetError, match="TO=7 is not a release that was live; allowed: 1, 2, 3"):
        world.rollback(to=7)


def test_functions_of_one_image_go_back_together(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.infrastructure.shared["second"] = "first"
    for build in ("b1", "b2", "b3"):
        world.deploy(build, first=build)

    record = world.rollback(function="second")

    assert world.live() == {FIRST: "b2", SECOND: "b2"}
    assert {name: r.version for name, r in record.functions.items()} == {
        "first": "2", "second": "2"
    }  # fmt: skip


def test_a_change_of_either_function_of_an_image_counts(make_world: Callable[..., World]) -> None:
    """An apply publishes a new version of a function whose memory changed, and not of the other."""
    world = make_world()
    world.infrastructure.shared["second"] = "first"
    world.deploy("c1", first="b1")
    configured = world.cloud.functions[SECOND]
    configured.artifacts.append(digest("b1"))
    configured.published.append(world.clock.now())
    world.deploy("c2", first="b1")
    assert world.cloud.live(SECOND) == "2"

    world.rollback(function="first")

    assert (world.cloud.live(FIRST), world.cloud.live(SECOND)) == ("1", "1")


def test_of_one_function(world: World) -> None:
    record = world.rollback(function="second")
    assert world.live() == {FIRST: "b3", SECOND: "b1"}
    assert record.functions["first"].version == "3"
    world.rollback()
    assert world.live() == {FIRST: "b2", SECOND: "b1"}


def test_of_an_unknown_function(world: World) -> None:
    with pytest.raises(FleetError, match="no function 'third'; it has: first, second"):
        world.rollback(to=1, function="third")


def test_a_deployment_after_a_rollback_is_a_release_like_any(world: World) -> None:
    world.rollback(to=1)
    world.deploy("c4", first="b4", second="b1")
    world.rollback()
    assert world.live() == {FIRST: "b1", SECOND: "b1"}


def test_a_failed_release_is_never_gone_back_to(world: World) -> None:
    world.infrastructure.fails = True
    with pytest.raises(FleetError):
        world.deploy("c4", first="b4", second="b4")
    world.rollback()
    assert world.live() == {FIRST: "b2", SECOND: "b1"}


def test_after_a_killed_release_the_live_one_is_restored(world: World) -> None:
    world.records.open(world.records.newest(), "deploy", "arn:bob", "c4")
    alias = world.cloud.alias(FIRST)
    world.cloud.move(FIRST, alias, "3", {"2": 0.5})

    record = world.rollback()

    assert world.live() == {FIRST: "b3", SECOND: "b3"}
    assert record.restores == 3
    assert world.statuses()[-2:] == [("deploy", "failed"), ("rollback", "live")]


def test_a_version_that_is_gone_stops_it_before_anything_moves(world: World) -> None:
    world.cloud.functions[SECOND].artifacts[0] = "sha256:other"
    with pytest.raises(FleetError, match="the function was deleted and created again"):
        world.rollback()
    assert world.cloud.moves == []


def test_what_cannot_be_moved_does_not_keep_the_others(world: World) -> None:
    world.cloud.refuse_moves.add(FIRST)
    with pytest.raises(FleetError, match=f"{FIRST} stays on version 3[\\s\\S]*again"):
        world.rollback()
    assert world.cloud.live(SECOND) == "1"
    world.cloud.refuse_moves.clear()
    world.rollback()
    assert world.live() == {FIRST: "b2", SECOND: "b1"}


def test_with_nothing_live(make_world) -> None:
    with pytest.raises(FleetError, match="nothing is live yet"):
        make_world().rollback()
