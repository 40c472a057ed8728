from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fleet import cloud
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import CATALOGUE
from shop import Parameters
from tour import demo as demo_module
from tour.demo import Demo, run, show
from tour.parts import PARTS
from unit.tour.conftest import report


class Greeting:
    TITLE = "Greeting"

    def show(self, demo: Demo) -> list[str]:
        return [f"Hello from {demo.platform.cloud.endpoint}"]


def test_parts_are_printed_in_order_under_their_titles(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    show(demo, [Greeting(), Greeting()])

    part = "\nGreeting\nHello from http://127.0.0.1:4566\n"
    assert capsys.readouterr().out == part * 2


def test_every_part_shows_a_run(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    show(demo)

    text = capsys.readouterr().out
    titles = [f"\n{part.TITLE}\n" for part in PARTS]
    assert sorted(titles, key=text.index) == titles
    assert "\x1b" not in text


Stage = Callable[..., None]


@pytest.fixture
def stage(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A cloud that was `running` before, and a delivery that `ends` so."""

    def stage(*, running: bool, ends: Any) -> None:
        def deliver(*_: object) -> Any:
            if isinstance(ends, BaseException):
                raise ends
            return ends

        monkeypatch.setattr(cloud, "status", lambda: demo.platform.cloud if running else None)
        monkeypatch.setattr(cloud, "start", lambda *_, **__: demo.platform.cloud)
        monkeypatch.setattr(demo_module, "deliver", deliver)
        monkeypatch.setattr(demo_module, "show", lambda _: None)

    return stage


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    stops: list[str] = []
    monkeypatch.setattr(cloud, "stop", lambda: stops.append("stopped"))
    return stops


SHOP = Parameters(lines=500)


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), FleetError("no report")])
def test_a_cloud_that_ran_before_goes_on_and_another_one_stops(
    stage: Stage, stops: list[str], running: bool, error: BaseException
) -> None:
    stage(running=running, ends=error)

    with pytest.raises(type(error)):
        run(load(CATALOGUE), SHOP)

    assert stops == ([] if running else ["stopped"])


def test_fails_if_a_file_was_not_curated_and_leaves_the_cloud_for_a_look(
    demo: Demo, stage: Stage, stops: list[str]
) -> None:
    stage(running=False, ends=demo.delivery)
    run(load(CATALOGUE), SHOP)

    demo.delivery.reports.append(report("stocks/x.csv", status="rejected"))
    with pytest.raises(FleetError, match="Not everything was curated"):
        run(load(CATALOGUE), SHOP)

    assert stops == []
