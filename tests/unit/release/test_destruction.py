"""The end of an environment: asked for, on record, and the end of what a rollback may reach."""

from __future__ import annotations

import pytest

from fleet.errors import FleetError
from fleet.release import promotion
from fleet.release.deploy import Source
from fleet.release.destruction import destroy, removed
from fleet.release.records import Record, environments
from unit.release.conftest import World
from unit.release.fakes import FakeDestroyable

FIRST = "shop-dev-first"


@pytest.fixture
def running(world: World) -> World:
    world.deploy(first="b1", second="b1")
    world.cloud.invocations.clear()
    return world


def end(world: World, made: FakeDestroyable, answer: bool = True) -> Record | None:
    shown: list[list[str]] = []

    def confirm(addresses: list[str]) -> bool:
        shown.append(addresses)
        return answer

    source = Source("c5", dirty=True)
    record = destroy(
        "dev", world.cloud, made, world.records, source, confirm, world.reported.append
    )
    assert shown == ([["a", "b"]] if record else [])
    return record


def test_everything_goes_and_that_is_on_record(running: World) -> None:
    made = FakeDestroyable(["b", "a"])
    record = end(running, made)
    assert made.addresses == []
    assert record
    assert (record.kind, record.status, record.commit, record.dirty) == (
        "destroy", "gone", "c5", True,
    )  # fmt: skip
    assert record.ended


def test_what_holds_nothing_is_not_asked_about(running: World) -> None:
    assert end(running, FakeDestroyable([])) is None
    assert running.statuses() == [("deploy", "live")]


def test_no_leaves_everything(running: World) -> None:
    made = FakeDestroyable(["b", "a"])
    with pytest.raises(FleetError, match="nothing was deleted"):
        end(running, made, answer=False)
    assert made.addresses == ["b", "a"]
    assert running.statuses() == [("deploy", "live")]


def test_not_under_a_release_that_goes_on(running: World) -> None:
    running.records.open(running.records.newest(), "deploy", "arn:bob", "c2")
    made = FakeDestroyable(["b", "a"])
    with pytest.raises(FleetError, match=r"release 2 \(deploy by arn:bob.* has not ended"):
        end(running, made)
    assert made.addresses == ["b", "a"]


def test_half_way_is_on_record_and_may_be_tried_again(running: World) -> None:
    made = FakeDestroyable(["b", "a"])
    made.fails = True
    with pytest.raises(FleetError, match="apply failed"):
        end(running, made)
    assert running.statuses()[-1] == ("destroy", "failed")
    made.fails = False
    assert end(running, made)


class TestAfterwards:
    @pytest.fixture(autouse=True)
    def _destroyed(self, running: World) -> None:
        end(running, FakeDestroyable(["b", "a"]))
        running.cloud.functions.clear()

    def test_the_same_build_is_tried_again_before_users_reach_it(self, running: World) -> None:
        """Version 1 of a new function looks like the one that was live before."""
        running.deploy(first="b1", second="b1")
        assert running.cloud.invocations == [(FIRST, "1"), ("shop-dev-second", "1")]

    def test_there_is_nothing_to_go_back_to(self, running: World) -> None:
        with pytest.raises(FleetError, match="nothing is live yet"):
            running.rollback()
        running.deploy(first="b1", second="b1")
        with pytest.raises(FleetError, match="release 3 is the first on record"):
            running.rollback()
        with pytest.raises(FleetError, match="TO=1 is not a release that was live; allowed: 3"):
            running.rollback(to=1)

    def test_there_is_nothing_to_promote(self, running: World) -> None:
        with pytest.raises(FleetError, match="nothing is live in dev"):
            promotion.origin(running.records.newest(), "dev", Source("c1"))


def test_environments_are_those_with_records(make_world) -> None:
    dev = make_world("dev")
    dev.deploy(first="b1", second="b1")
    dev.bucket.put("test/packages/first/0.zip", b"", None)
    assert environments(dev.bucket) == ["dev"]


def test_what_a_plan_deletes_is_named() -> None:
    plan = {
        "resource_changes": [
            {"address": "b", "change": {"actions": ["delete"]}},
            {"address": "a", "change": {"actions": ["delete", "create"]}},
            {"address": "c", "change": {"actions": ["no-op"]}},
        ]
    }
    assert removed(plan) == ["a", "b"]
