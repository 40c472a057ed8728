from __future__ import annotations

from pathlib import Path

import pytest

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.events import Event
from fleet.release import preflight
from fleet.release.cloud import Limits
from fleet.release.deploy import Source, smoke_events
from fleet.release.environments import Environment
from unit.release.conftest import OK
from unit.release.fakes import FakeClock, FakeCloud

EVENTS = {"first": {"ok": Event.model_validate(OK)}}
HERE = Environment("dev", "us-east-1", None)
CLEAN = Source("c1")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "ALLOW_DIRTY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(engine, "available", lambda: True)
    monkeypatch.setattr(engine, "succeeds", lambda *_: True)


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud(FakeClock())


def check(
    catalogue: Catalogue,
    cloud: FakeCloud,
    environment: Environment = HERE,
    code: Source = CLEAN,
    events: object = EVENTS,
) -> None:
    preflight.check(catalogue, environment, cloud, code, events, builds=True)


def test_all_is_well(catalogue, cloud) -> None:
    check(catalogue, cloud)


def test_no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FleetError, match="a release records its commit: install git"):
        preflight.source()


def test_an_archive_without_history(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho 'fatal: not a git repository' >&2\nexit 128\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FleetError, match=r"records its commit, and git .*not a git repository"):
        preflight.source()


def test_changed_files(catalogue, cloud, monkeypatch) -> None:
    dirty = Source("c1", dirty=True)
    with pytest.raises(FleetError, match="commit them, or set ALLOW_DIRTY=1"):
        check(catalogue, cloud, code=dirty)
    monkeypatch.setenv("ALLOW_DIRTY", "1")
    check(catalogue, cloud, code=dirty)


def test_another_account(catalogue, cloud) -> None:
    with pytest.raises(FleetError, match="lead to account 123456789012, prod belongs to 2"):
        check(catalogue, cloud, Environment("prod", "us-east-1", "222222222222"))


def test_another_region(catalogue, cloud, monkeypatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(FleetError, match="AWS_REGION=eu-west-1, but dev is in us-east-1: unset"):
        check(catalogue, cloud)


def test_no_credentials(catalogue, cloud, monkeypatch) -> None:
    def refuse() -> None:
        raise FleetError("AWS cannot be asked: Unable to locate credentials")

    monkeypatch.setattr(cloud, "identity", refuse)
    with pytest.raises(FleetError, match="Unable to locate credentials"):
        check(catalogue, cloud)


def test_every_problem_is_named_at_once(catalogue, cloud, monkeypatch) -> None:
    monkeypatch.setattr(engine, "available", lambda: False)
    with pytest.raises(FleetError) as caught:
        check(catalogue, cloud, code=Source("c1", dirty=True), events={"first": {}})
    for part in ("ALLOW_DIRTY", "no Docker engine", "first has no sample event that gives"):
        assert part in str(caught.value)


def test_no_buildx(catalogue, cloud, monkeypatch) -> None:
    monkeypatch.setattr(engine, "succeeds", lambda *_: False)
    with pytest.raises(FleetError, match="no buildx plugin"):
        check(catalogue, cloud)


class TestQuotas:
    def reserving(self, catalogue: Catalogue, **settings: int) -> Catalogue:
        first = catalogue.functions["first"].model_copy(update=settings)
        return catalogue.model_copy(update={"functions": {"first": first}})

    @pytest.mark.parametrize("setting", ["reserved_concurrency", "provisioned_concurrency"])
    def test_concurrency(self, catalogue, setting: str) -> None:
        limits = Limits(200, 100, 0)
        fits = self.reserving(catalogue, **{setting: 100})
        assert list(preflight.quota_problems(fits, limits)) == []
        [problem] = preflight.quota_problems(self.reserving(catalogue, **{setting: 101}), limits)
        assert "reserves 101" in problem
        assert "the account allows 200" in problem

    def test_a_new_account_may_deploy_what_reserves_nothing(self, catalogue) -> None:
        assert list(preflight.quota_problems(catalogue, Limits(10, 100, 0))) == []

    def test_code_storage(self, catalogue) -> None:
        [problem] = preflight.quota_problems(catalogue, Limits(1000, 100, 100))
        assert "code storage is full" in problem


def test_events_that_need_objects_are_never_sent_to_a_real_environment() -> None:
    given = OK | {"given": {"objects": [{"bucket": "raw", "key": "a"}]}}
    expected = OK | {"expect": {"response": {}, "objects": [{"bucket": "raw", "prefix": "a"}]}}
    found = {"ok": OK, "given": given, "expected": expected}
    assert list(smoke_events({k: Event.model_validate(v) for k, v in found.items()})) == ["ok"]
