"""The command line of `make backfill`."""

import json

import pytest

from backfill import backlog
from backfill.__main__ import main
from backfill.backlog import Item
from fleet.errors import FleetError


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    items = [Item("a/b.csv", "done")]
    monkeypatch.setattr(backlog, "local_target", lambda _: None)
    monkeypatch.setattr(backlog, "run", lambda _, prefix: items if prefix == "a/" else [])
    return items


def test_prints_json_for_programs(items: list[Item], capsys: pytest.CaptureFixture[str]) -> None:
    main(["a/", "--json"])

    assert json.loads(capsys.readouterr().out) == [vars(item) for item in items]


def test_fails_if_an_object_failed(items: list[Item]) -> None:
    items.append(Item("a/c.csv", "failed", "ValueError: no such column"))

    with pytest.raises(FleetError, match="1 of 2 objects were not curated"):
        main(["a/", "--json"])
