"""Downloads that resume where they stopped, and count as whole only by their checksum."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.errors import FleetError

ATTEMPTS = 4
TIMEOUT_S = 30
CHUNK = 1 << 16
# Answers that another attempt may not get: a busy server, or a proxy without a connection.
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here, and with those of the whole file where they are known."""


class DownloadError(FleetError):
    """The file cannot be fetched from where it should be; it may be had from elsewhere."""


class _TransientError(Exception):
    """Another attempt may succeed; the message says what went wrong."""


@dataclass(frozen=True)
class _Part:
    """What is here of a file, and beside it the validator of the version that it belongs to.

    Bytes are only ever appended, so that any interruption leaves the beginning of the file.
    """

    path: Path

    @property
    def _validator(self) -> Path:
        return self.path.with_name(f"{self.path.name}.validator")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def headers(self) -> dict[str, str]:
        """Of a request for what is missing; the whole file if it is another version by now."""
        if not self.size:
            return {}
        validator = self._validator.read_text() if self._validator.exists() else ""
        condition = {"If-Range": validator} if validator else {}
        return {"Range": f"bytes={self.size}-", **condition}

    def begin(self, validator: str) -> None:
        """Start over with a version. Raises FleetError if the disk refuses."""
        with self._writing():
            # Emptied first: the bytes of one version never lie beside the validator of another.
            self.path.write_bytes(b"")
            self._validator.write_text(validator)

    def append(self, chunk: bytes) -> None:
        """Raises FleetError if the disk refuses; keeps what it took."""
        with self._writing(), self.path.open("ab", buffering=0) as file:
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FleetError(
                f"{self.path} cannot be written: {error.strerror}. Mend that, then repeat the "
                "command: it resumes the download"
            ) from error

    def is_whole(self, sha256: str) -> bool:
        return self.size > 0 and digest(self.path) == sha256

    def finish(self, path: Path) -> None:
        self._validator.unlink(missing_ok=True)
        self.path.replace(path)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._validator.unlink(missing_ok=True)


def download(
    url: str,
    path: Path,
    *,
    sha256: str,
    progress: Progress = lambda _here, _whole: None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Fetch `url` to `path`; what has arrived so far lies in `<path>.part`, where a call resumes.

    A file that is there with this SHA-256 is not fetched again. An error that may pass gets
    ATTEMPTS attempts; `pause` is called with the seconds between two. Raises DownloadError if the
    file cannot be fetched or has another SHA-256, FleetError if it cannot be written.
    """
    if path.is_file() and digest(path) == sha256:
        return
    part = _Part(path.with_name(f"{path.name}.part"))
    problem = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(2.0 ** (attempt - 1))
        try:
            if not part.is_whole(sha256):
                _receive(url, part, sha256, progress)
        except _TransientError as error:
            problem = str(error)
        else:
            part.finish(path)
            return
    raise DownloadError(f"{url} cannot be fetched, after {ATTEMPTS} attempts: {problem}")


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def alone(folder: Path, wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a folder, which is made; `wait` is called if another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _receive(url: str, part: _Part, sha256: str, progress: Progress) -> None:
    """Fetch what the part lacks. Raises _TransientError, DownloadError, FleetError."""
    request = urllib.request.Request(url, headers=part.headers())  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            is_resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
            if not is_resumed:
                part.begin(_validator(answer.headers))
            whole = _whole_size(answer, part)
            while chunk := answer.read(CHUNK):
                part.append(chunk)
                progress(part.size, whole)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.discard()
        elif error.code not in TRANSIENT:
            raise DownloadError(f"{url} cannot be fetched: {error}") from error
        raise _TransientError(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, socket.gaierror | ssl.SSLCertVerificationError):
            raise DownloadError(f"{url} cannot be fetched: {reason}") from error
        raise _TransientError(str(reason) or type(reason).__name__) from error
    if whole is not None and part.size < whole:
        raise _TransientError(f"the answer ended after {part.size:,} of {whole:,} bytes")
    if not part.is_whole(sha256):
        found, size = digest(part.path), part.size
        part.discard()
        if is_resumed:
            raise _TransientError("what was sent does not continue what is here")
        raise DownloadError(
            f"{url} is not the file that was published: {size:,} bytes with the SHA-256 {found}, "
            f"expected {sha256}. A page of a proxy, or a new version? Nothing was kept"
        )


def _validator(headers: Any) -> str:
    """What a strong validator says of the version, for If-Range (RFC 9110, 13.1.5); else ''."""
    etag: str = headers.get("ETag", "")
    if etag:
        return "" if etag.startswith("W/") else etag
    modified: str = headers.get("Last-Modified", "")
    return modified


def _whole_size(answer: Any, part: _Part) -> int | None:
    length = answer.headers.get("Content-Length", "")
    return part.size + int(length) if length.isdigit() else None
