"""A release reaches users in steps, or leaves them where they were; it is always on record."""

from __future__ import annotations

import json

import pytest

from fleet.errors import FleetError
from fleet.release.cloud import FailureMetric
from fleet.release.deploy import Source
from fleet.release.infrastructure import Artifacts
from fleet.release.shift import StoppedError
from unit.release.conftest import World, image
from unit.release.fakes import digest

FIRST, SECOND = "shop-dev-first", "shop-dev-second"


@pytest.fixture
def running(world: World) -> World:
    """An environment whose users are on build b1."""
    world.deploy(first="b1", second="b1")
    world.cloud.moves.clear()
    world.cloud.invocations.clear()
    return world


def test_the_first_release_makes_everything_live(world: World) -> None:
    record = world.deploy(first="b1", second="b1")

    assert world.live() == {FIRST: "b1", SECOND: "b1"}
    assert (record.number, record.status, record.who) == (
        1, "live", "arn:aws:sts::123456789012:assumed-role/ci/ada",
    )  # fmt: skip
    assert record.functions["first"].image == image("b1")


def test_the_first_release_is_smoke_tested_too(world: World) -> None:
    world.cloud.responses[digest("b1")] = ValueError("no column")
    with pytest.raises(FleetError, match="smoke failed"):
        world.deploy(first="b1")
    assert world.statuses() == [("deploy", "failed")]


def test_functions_of_one_image_get_it_together(world: World) -> None:
    world.infrastructure.shared["second"] = "first"

    record = world.deploy(first="b1")

    assert world.live() == {FIRST: "b1", SECOND: "b1"}
    assert record.functions["second"].image == record.functions["first"].image == image("b1")
    assert world.kept == [("first", image("b1"))]
    assert sorted(world.cloud.invocations) == [(FIRST, "1"), (SECOND, "1")]


def test_what_failed_before_is_tried_again(running: World) -> None:
    """The version exists since the failed release, and the alias is not on it."""
    running.cloud.responses[digest("b2")] = ValueError("no queue yet")
    with pytest.raises(FleetError, match="smoke failed"):
        running.deploy("c2", first="b2", second="b1")
    running.cloud.responses.clear()
    running.cloud.invocations.clear()
    running.deploy("c2", first="b2", second="b1")
    assert running.cloud.invocations == [(FIRST, "2")]
    assert running.live() == {FIRST: "b2", SECOND: "b1"}


def test_an_environment_that_was_destroyed_starts_again(running: World) -> None:
    """Version numbers begin at 1 again, but what they run was never tried."""
    running.cloud.functions.clear()
    running.deploy("c2", first="b2", second="b1")
    assert running.cloud.invocations == [(FIRST, "1")]


def test_users_move_in_steps(running: World) -> None:
    started = running.clock.now()

    running.deploy("c2", first="b2", second="b1")

    assert running.cloud.moves == [
        (FIRST, "1", {"2": 0.1}),
        (FIRST, "1", {"2": 0.5}),
        (FIRST, "2", {}),
    ]
    assert running.clock.now() - started >= 3 * 60
    assert running.live() == {FIRST: "b2", SECOND: "b1"}


def test_only_new_versions_are_smoke_tested_before_users_reach_them(running: World) -> None:
    def no_invocation_after(function: str, _: object) -> None:
        assert running.cloud.invocations == [(FIRST, "2")]

    running.cloud.after_move = no_invocation_after
    running.deploy("c2", first="b2", second="b1")


def test_released_images_are_kept_before_anything_runs_them(world: World) -> None:
    world.infrastructure.fails = True

    with pytest.raises(FleetError, match="terraform apply failed"):
        world.deploy(first="b1")

    assert world.kept == [("first", image("b1"))]


class TestWhatFailsBeforeTheAliasMoves:
    def unchanged(self, world: World) -> bool:
        return not world.cloud.moves and world.live() == {FIRST: "b1", SECOND: "b1"}

    def test_terraform(self, running: World) -> None:
        running.infrastructure.fails = True
        with pytest.raises(FleetError, match="terraform apply failed"):
            running.deploy("c2", first="b2", second="b2")
        assert self.unchanged(running)

    def test_a_version_that_does_not_start(self, running: World) -> None:
        running.cloud.broken.add(digest("b2"))
        with pytest.raises(FleetError, match="the image cannot be started"):
            running.deploy("c2", first="b2", second="b2")
        assert self.unchanged(running)

    def test_a_version_that_is_never_ready(
        self, running: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("unit.release.fakes.READY_AFTER_S", 1e6)
        with pytest.raises(FleetError, match="still Pending after 900 s"):
            running.deploy("c2", first="b2", second="b2")
        assert self.unchanged(running)

    def test_another_image_than_the_pushed_one(self, running: World) -> None:
        running.infrastructure.runs["first"] = digest("other")
        with pytest.raises(FleetError, match=r"not sha256:0+6232 that was pushed"):
            running.deploy("c2", first="b2", second="b1")
        assert self.unchanged(running)

    @pytest.mark.parametrize(
        ("response", "message"),
        [
            (ValueError("no column"), "ValueError.*no column"),
            ({"ok": False}, "response.ok is False, expected True"),
            ({}, "response.ok is missing"),
        ],
    )
    def test_smoke(self, running: World, response: object, message: str) -> None:
        running.cloud.responses[digest("b2")] = response
        with pytest.raises(FleetError, match=f"smoke failed: .*{message}"):
            running.deploy("c2", first="b2", second="b2")
        assert self.unchanged(running)

    def test_the_answer_no(self, running: World) -> None:
        asked = running.with_(confirm=lambda _: False)
        with pytest.raises(FleetError, match="nothing was changed"):
            asked.deploy("c2", first="b2", second="b2")
        assert self.unchanged(running)
        assert running.infrastructure.applied == 1
        assert running.statuses() == [("deploy", "live")]

    def test_it_is_on_record(self, running: World) -> None:
        running.cloud.responses[digest("b2")] = ValueError("no column")
        with pytest.raises(FleetError):
            running.deploy("c2", first="b2", second="b1")
        failed = running.records.newest()[-1].record
        assert (failed.status, failed.commit) == ("failed", "c2")
        assert "no column" in failed.reason
        assert failed.ended

    def test_the_next_release_may_follow(self, running: World) -> None:
        running.cloud.responses[digest("b2")] = ValueError("no column")
        with pytest.raises(FleetError):
            running.deploy("c2", first="b2", second="b1")
        assert running.deploy("c3", first="b3", second="b1").number == 3
        assert running.live() == {FIRST: "b3", SECOND: "b1"}


class TestAlarms:
    def test_one_that_goes_off_moves_users_back(self, running: World) -> None:
        running.cloud.alarms_when = lambda cloud: (
            {f"{SECOND}-errors"} if cloud.alias(SECOND).weights.get("2") == 0.5 else set()
        )
        with pytest.raises(StoppedError, match=f"alarm {SECOND}-errors is in ALARM"):
            running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b1", SECOND: "b1"}
        assert running.statuses()[-1] == ("deploy", "failed")

    def test_after_the_last_step_too(self, running: World) -> None:
        running.cloud.alarms_when = lambda cloud: (
            {f"{FIRST}-errors"} if cloud.alias(FIRST).version == "2" else set()
        )
        with pytest.raises(StoppedError):
            running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b1", SECOND: "b1"}

    def test_one_that_rang_before_tells_nothing(self, running: World) -> None:
        running.cloud.alarms_when = lambda _: {f"{FIRST}-errors"}
        running.deploy("c2", first="b2", second="b1")
        assert running.live()[FIRST] == "b2"
        assert any("is in ALARM already" in line for line in running.reported)

    def test_one_that_rang_before_counts_once_it_was_quiet(self, running: World) -> None:
        begun = running.clock.now()

        def on_and_off_and_on(_: object) -> set[str]:
            quiet = 30 < running.clock.now() - begun < 90
            return set() if quiet else {f"{FIRST}-errors"}

        running.cloud.alarms_when = on_and_off_and_on
        with pytest.raises(StoppedError):
            running.deploy("c2", first="b2", second="b1")
        assert running.live()[FIRST] == "b1"


class TestFailuresOfTheNewVersion:
    """An invocation that reports failed messages, or answers 500, succeeds."""

    def test_stop_the_release(self, running: World) -> None:
        running.cloud.failures = lambda metric, *_: 2 if metric.function == SECOND else 0
        with pytest.raises(StoppedError, match=f"version 2 of {SECOND} counts 2 MessagesFailed"):
            running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b1", SECOND: "b1"}

    def test_stop_it_while_the_old_version_fails_too(self, running: World) -> None:
        """Its alarm, which counts both versions, was in ALARM before."""
        running.cloud.alarms_when = lambda _: {f"{FIRST}-errors"}
        running.cloud.failures = lambda *_: 9
        with pytest.raises(StoppedError, match=f"version 2 of {FIRST}"):
            running.deploy("c2", first="b2", second="b1")

    def test_below_the_threshold_do_not(self, running: World) -> None:
        running.cloud.failures = lambda *_: 1
        running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b2", SECOND: "b2"}

    def test_count_for_functions_that_move_only(self, running: World) -> None:
        running.cloud.failures = lambda metric, *_: 2 if metric.function == SECOND else 0
        running.deploy("c2", first="b2", second="b1")
        assert running.live()[FIRST] == "b2"

    def test_count_after_the_minute_of_the_smoke_tests(self, running: World) -> None:
        def failures(_: FailureMetric, since: float, until: float) -> float:
            assert since % 60 == 0
            assert tested // 60 < since // 60 <= until // 60
            return 0

        tested = running.clock.now()
        running.cloud.failures = failures
        running.deploy("c2", first="b2", second="b2")


class TestAliases:
    def test_that_cannot_be_moved_bring_all_back(self, running: World) -> None:
        running.cloud.refuse_moves.add(SECOND)
        with pytest.raises(FleetError, match="TooManyRequests"):
            running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b1", SECOND: "b1"}

    def test_that_cannot_be_moved_back_do_not_keep_the_others(self, running: World) -> None:
        def refuse_first(cloud: object) -> set[str]:
            if running.cloud.alias(SECOND).weights:
                running.cloud.refuse_moves.add(FIRST)
                return {f"{SECOND}-errors"}
            return set()

        running.cloud.alarms_when = refuse_first
        with pytest.raises(FleetError, match=r"is in ALARM[\s\S]*first could NOT be moved back"):
            running.deploy("c2", first="b2", second="b2")
        assert running.cloud.live(SECOND) == "1"

    def test_that_somebody_else_moved_stay_there(self, running: World) -> None:
        running.deploy("c2", first="b2", second="b1")

        def meddle(function: str, alias: object) -> None:
            running.cloud.after_move = lambda *_: None
            running.cloud.move(FIRST, running.cloud.alias(FIRST), "1", {})

        running.cloud.after_move = meddle
        with pytest.raises(FleetError, match="somebody else moved it to version 1"):
            running.deploy("c3", first="b3", second="b1")
        assert running.cloud.live(FIRST) == "1"

    def test_that_are_divided_by_hand_are_left_alone(self, running: World) -> None:
        running.deploy("c2", first="b2", second="b1")
        alias = running.cloud.alias(FIRST)
        running.cloud.move(FIRST, alias, "2", {"1": 0.5})
        running.cloud.moves.clear()
        with pytest.raises(FleetError, match=f"alias of {FIRST} divides the traffic already"):
            running.deploy("c3", first="b3", second="b3")
        assert running.cloud.moves == []

    def test_an_interrupt_brings_users_back(self, running: World) -> None:
        def interrupt(*_: object) -> None:
            running.cloud.after_move = lambda *_: None
            raise KeyboardInterrupt

        running.cloud.after_move = interrupt
        with pytest.raises(KeyboardInterrupt):
            running.deploy("c2", first="b2", second="b2")
        assert running.live() == {FIRST: "b1", SECOND: "b1"}
        assert running.statuses()[-1] == ("deploy", "failed")


class TestTwoReleasesAtOnce:
    def test_the_second_waits(self, running: World) -> None:
        history = running.records.newest()
        running.records.open(history, "deploy", "arn:bob", "c2")
        with pytest.raises(FleetError, match=r"release 2 \(deploy by arn:bob.* has not ended"):
            running.deploy("c3", first="b3", second="b1")
        assert running.infrastructure.applied == 1

    def test_of_two_that_start_together_one_goes_on(self, running: World) -> None:
        history = running.records.newest()

        def other(_: str) -> bool:
            running.records.open(history, "deploy", "arn:bob", "c2")
            return True

        with pytest.raises(FleetError, match="has just begun"):
            running.with_(confirm=other).deploy("c3", first="b3", second="b1")
        assert running.infrastructure.applied == 1


def test_a_record_that_cannot_be_written_does_not_hide_the_failure(running: World) -> None:
    def break_bucket(_: object) -> set[str]:
        running.bucket.fails = bool(running.cloud.alias(FIRST).weights)
        return {f"{FIRST}-errors"} if running.bucket.fails else set()

    running.cloud.alarms_when = break_bucket
    with pytest.raises(StoppedError):
        running.deploy("c2", first="b2", second="b1")
    assert running.live()[FIRST] == "b1"
    assert any("could not be closed" in line for line in running.reported)


def test_a_record_is_plain_json(running: World) -> None:
    [key] = running.bucket.keys("dev/releases/")
    record = json.loads(running.bucket.get(key)[0])
    assert key == "dev/releases/000001.json"
    assert record["functions"]["first"]["artifact"] == digest("b1")


def test_a_release_from_changed_files_says_so(world: World) -> None:
    record = world.release.run(Artifacts({"first": image("b1")}), Source("c1", dirty=True))
    assert record.dirty
