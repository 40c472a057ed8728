"""Locks: what is unlocked, unhashed or outdated is named."""

from pathlib import Path

import pytest

import lockfile
from fleet import locks
from fleet.catalogue import load
from fleet.locks import Lock, direct_requirements, problems
from fleet.paths import CATALOGUE, CONSTRAINTS

GOOD = """\
boto3==1.2 \\
    --hash=sha256:00
    # via -r requirements.in
six==1.0 \\
    --hash=sha256:11
"""


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lock:
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    (tmp_path / "libs/shared").mkdir(parents=True)
    (tmp_path / "libs/shared/pyproject.toml").write_text(
        '[project]\nname = "shared"\ndependencies = ["six>=1"]\n'
    )
    (tmp_path / "requirements.in").write_text("boto3>=1  # the SDK\n./libs/shared\n")
    (tmp_path / "requirements.txt").write_text(GOOD)
    return Lock(tmp_path / "requirements.in")


def test_a_good_lock_has_no_problems(lock):
    assert problems(lock) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("    --hash=sha256:11\n", ""), "six==1.0 has no hash"),
        (GOOD.replace("six==1.0", "six>=1.0"), "six>=1.0 is not pinned"),
        (GOOD.replace("boto3==1.2", "botocore==1.2"), "boto3 is required by requirements.in"),
        (GOOD.replace("six==1.0", "attrs==1.0"), "six is required by requirements.in or its libs"),
        (GOOD.replace("boto3==1.2", "boto3==0.9"), "boto3>=1 is required, but 0.9 is locked"),
    ],
)
def test_names_what_is_wrong(lock, text, message):
    lock.path.write_text(text)

    [problem] = problems(lock)
    assert message in problem


def test_a_missing_lock_is_a_problem(lock):
    lock.path.unlink()

    assert problems(lock) == ["requirements.txt is missing"]


def test_includes_are_followed(lock, tmp_path):
    (tmp_path / "more.in").write_text("polars\n")
    lock.source.write_text("-r more.in\nboto3\n")

    assert [str(r) for r in direct_requirements(lock.source)] == ["polars", "boto3"]


def test_what_another_lock_holds_is_left_out():
    assert list(lockfile.blocks(lockfile.without(GOOD, "six==1.0 \\\n    --hash=sha256:11\n"))) == [
        "boto3==1.2"
    ]


def test_a_marker_makes_another_requirement():
    marked = "six==1.0 ; python_version < '3.12' \\\n    --hash=sha256:11\n"

    assert "six==1.0" in lockfile.without(GOOD, marked)
    assert lockfile.name("Zope.Interface[x]==1 ; a") == "zope-interface"


def test_one_version_of_each_package_across_the_fleet():
    constraints = set(lockfile.blocks(CONSTRAINTS.read_text()))
    for lock in locks.all_locks(load(CATALOGUE)):
        if not lock.apart:
            assert set(lockfile.blocks(lock.path.read_text())) <= constraints, lock.path
