"""Changes to files that are made as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Changes:
    """Files that were written, as they were before."""

    def __init__(self) -> None:
        self._before: dict[Path, bytes | None] = {}
        self._folders: list[Path] = []

    @property
    def paths(self) -> list[Path]:
        """Every file that is another one than before."""
        return [path for path, content in self._before.items() if _content(path) != content]

    def remember(self, path: Path) -> None:
        """Keep what a file, which need not exist, is like before something else writes it."""
        self._before.setdefault(path, _content(path))

    def write(self, path: Path, content: bytes) -> None:
        """Write a file, in folders that are made where they are missing."""
        self.remember(path)
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir()
                self._folders.append(folder)
        path.write_bytes(content)

    def undo(self) -> None:
        """Leave every file, and every folder that has no other file, as it was before."""
        for path, content in self._before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif _content(path) != content:
                path.write_bytes(content)
        for folder in reversed(self._folders):
            if not any(folder.iterdir()):
                folder.rmdir()


@contextmanager
def undone_on_failure() -> Iterator[Changes]:
    """Undo the changes of a block that fails or is interrupted."""
    changes = Changes()
    try:
        yield changes
    except BaseException:
        changes.undo()
        raise


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
