"""Where the files of a shop go: a new folder, or a bucket with nothing else under their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from fleet.errors import FleetError
from shop.files import RawFile


class Destination(Protocol):
    """A place for files; `name` says where it is."""

    name: str

    def prepare(self, files: Callable[[], Iterable[RawFile]]) -> None:
        """Look whether all files may be written. Raises FleetError; nothing is written."""

    def write(self, file: RawFile) -> bool:
        """Write a file; False if it is there already. Raises FleetError."""


class Folder:
    """A folder that is new or empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)

    def prepare(self, files: Callable[[], Iterable[RawFile]]) -> None:  # noqa: ARG002
        """See Destination.prepare."""
        path = self._path
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise FleetError(f"{path} is there and not an empty folder; name another one as OUT")

    def write(self, file: RawFile) -> bool:
        """See Destination.write."""
        path = self._path / file.key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        except OSError as error:
            raise FleetError(f"{path} cannot be written: {error.strerror}") from error
        return True


def destination(out: str) -> Destination:
    """What OUT names: a folder, or s3://bucket/prefix. Raises FleetError."""
    scheme, separator, rest = out.partition("://")
    if not separator:
        return Folder(Path(out))
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise FleetError(f"OUT={out} is neither a folder nor s3://bucket or s3://bucket/prefix")
    # Slow to import, and a folder needs nothing of it.
    from shop.bucket import open_bucket

    return open_bucket(bucket, prefix.strip("/"))
