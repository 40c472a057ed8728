"""A block that fails leaves files and folders as they were before it."""

from pathlib import Path

import pytest

from fleet.undo import Changes, undone_on_failure


def state(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_bytes(b"before")
    return tmp_path


def test_what_succeeds_stays_and_is_listed(root):
    with undone_on_failure() as changes:
        changes.write(root / "new/deep/file", b"1")
        changes.write(root / "kept/file", b"before")
        changes.remember(root / "later")
        (root / "later").write_bytes(b"2")

    assert changes.paths == [root / "new/deep/file", root / "later"]
    assert (root / "new/deep/file").read_bytes() == b"1"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_fails_or_is_interrupted_leaves_nothing(root, error):
    before = state(root)

    def write_and_fail():
        with undone_on_failure() as changes:
            changes.write(root / "new/deep/file", b"1")
            changes.write(root / "kept/file", b"2")
            changes.write(root / "kept/file", b"3")
            changes.remember(root / "new/lock")
            (root / "new/lock").write_bytes(b"4")
            raise error

    with pytest.raises(error):
        write_and_fail()
    assert state(root) == before


def test_files_of_others_in_a_new_folder_stay(root):
    changes = Changes()
    changes.write(root / "new/file", b"1")
    (root / "new/foreign").write_bytes(b"2")

    changes.undo()

    assert state(root / "new") == {"foreign": b"2"}
