"""A download is whole and as expected, or not there; what has arrived is not lost."""

from __future__ import annotations

import hashlib
import http.server
import random
import resource
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import FleetError
from open_data.download import ATTEMPTS, TRANSIENT, alone, download

BODY = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(250_000)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Publisher:
    """A server of one file. The first answers may be scripted; the others are as they should be."""

    url: str = ""
    body: bytes = BODY
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"v1"'})
    script: list[Callable[[http.server.BaseHTTPRequestHandler], None]] = field(default_factory=list)
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    """Range and If-Range of each request."""

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        asked = request.headers["Range"], request.headers["If-Range"]
        self.asked.append(asked)
        if self.script:
            self.script.pop(0)(request)
        elif asked[0] is None or asked[1] not in (None, *self.headers.values()):
            self.send(request, 200, self.body)
        else:
            start = int(asked[0].removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.body):
                self.send(request, 416, b"")
            else:
                self.send_rest(request, start)

    def send_rest(self, request: http.server.BaseHTTPRequestHandler, start: int) -> None:
        stated = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        self.send(request, 206, self.body[start:], {"Content-Range": stated})

    def send(
        self,
        request: http.server.BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        more: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """`length` is what is promised if it differs, none if negative."""
        request.send_response(status)
        promised = len(content) if length is None else length
        lengths = {"Content-Length": str(promised)} if promised >= 0 else {}
        for name, value in {**self.headers, **lengths, **(more or {})}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def cut(self, size: int) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
        """An answer whose connection breaks after some bytes, from wherever it begins."""

        def send(request: http.server.BaseHTTPRequestHandler) -> None:
            start = int((self.asked[-1][0] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            rest = self.body[start:]
            stated = {"Content-Range": f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"}
            self.send(request, 206 if start else 200, rest[:size], stated, len(rest))

        return send

    def fail(self, status: int) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
        return lambda request: self.send(request, status, b"no")


@contextmanager
def serving() -> Iterator[Publisher]:
    published = Publisher()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        published.url = f"http://127.0.0.1:{server.server_port}/data.zip"
        yield published
        server.shutdown()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving() as published:
        yield published


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def fetch(publisher: Publisher, tmp_path: Path, pauses: list[float]) -> Callable[..., bytes]:
    def run(expected: bytes = BODY, **options: object) -> bytes:
        path = tmp_path / "data.zip"
        download(publisher.url, path, sha256=sha256(expected), pause=pauses.append, **options)
        assert list(tmp_path.iterdir()) == [path]
        return path.read_bytes()

    return run


def put_part(folder: Path, content: bytes, validator: str | None = '"v1"') -> None:
    (folder / "data.zip.part").write_bytes(content)
    if validator is not None:
        (folder / "data.zip.part.validator").write_text(validator)


def test_a_file_is_fetched_and_its_progress_reported(publisher, fetch, pauses) -> None:
    seen = []

    assert fetch(progress=lambda *sizes: seen.append(sizes)) == BODY

    assert seen[-1] == (len(BODY), len(BODY))
    assert seen == sorted(seen)
    assert publisher.asked == [(None, None)]
    assert pauses == []


@pytest.mark.parametrize("sizes", [[1], [65_536], [len(BODY) - 1], [1_000, 150_000, 7], [0, 0, 1]])
def test_a_broken_connection_is_resumed_where_it_broke(
    publisher, fetch, pauses, sizes: list[int]
) -> None:
    publisher.script = [publisher.cut(size) for size in sizes]

    assert fetch() == BODY

    here = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    expected = [(f"bytes={size}-", '"v1"') if size else (None, None) for size in here]
    assert publisher.asked == [(None, None), *expected]
    assert pauses == [1.0, 2.0, 4.0][: len(sizes)]


def test_an_interrupted_download_is_resumed_by_the_next_command(
    publisher, fetch, tmp_path: Path
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=interrupt)

    assert not (tmp_path / "data.zip").exists()
    here = (tmp_path / "data.zip.part").stat().st_size
    assert 0 < here < len(BODY)
    assert fetch() == BODY
    assert publisher.asked[1] == (f"bytes={here}-", '"v1"')


def test_a_full_disk_leaves_what_it_took(publisher, fetch, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(FleetError, match=r"data\.zip\.part cannot be written: File too large"):
            fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (tmp_path / "data.zip.part").read_bytes() == BODY[:100_000]
    assert fetch() == BODY
    assert publisher.asked[1:] == [("bytes=100000-", '"v1"')]


def test_a_folder_that_cannot_be_written_is_no_matter_of_the_network(
    publisher, tmp_path: Path, pauses
) -> None:
    with pytest.raises(FleetError, match="cannot be written: No such file"):
        download(
            publisher.url, tmp_path / "gone" / "data.zip", sha256=sha256(BODY), pause=pauses.append
        )
    assert pauses == []


def test_a_server_without_ranges_starts_over(publisher, fetch, tmp_path: Path) -> None:
    put_part(tmp_path, BODY[:1_000])
    publisher.script = [lambda request: publisher.send(request, 200, BODY)]

    assert fetch() == BODY

    assert len(publisher.asked) == 1


def test_a_changed_file_starts_over(publisher, fetch, tmp_path: Path) -> None:
    put_part(tmp_path, OTHER[:1_000], validator='"v0"')

    assert fetch() == BODY

    assert publisher.asked == [("bytes=1000-", '"v0"')]


@pytest.mark.parametrize("validator", ['"v1"', "", None])
def test_two_versions_are_never_one_file(
    publisher, fetch, tmp_path: Path, validator: str | None
) -> None:
    """Where the server does not say that the file changed, the checksum does."""
    put_part(tmp_path, OTHER[:1_000], validator)

    assert fetch() == BODY

    assert [range_ for range_, _ in publisher.asked] == ["bytes=1000-", None]


def test_a_part_that_is_longer_than_the_file_starts_over(publisher, fetch, tmp_path: Path) -> None:
    put_part(tmp_path, BODY + b"?")

    assert fetch() == BODY

    assert [range_ for range_, _ in publisher.asked] == [f"bytes={len(BODY) + 1}-", None]


def test_another_range_than_asked_for_starts_over(publisher, fetch, tmp_path: Path) -> None:
    put_part(tmp_path, BODY[:1_000])
    publisher.script = [lambda request: publisher.send_rest(request, 100)]

    assert fetch() == BODY

    assert len(publisher.asked) == 2


def test_a_whole_part_needs_no_request(publisher, fetch, tmp_path: Path) -> None:
    """As after the end of a process between the last byte and the new name."""
    put_part(tmp_path, BODY)

    assert fetch() == BODY

    assert publisher.asked == []


def test_a_whole_file_is_not_fetched_again_and_another_is_replaced(
    publisher, fetch, tmp_path: Path
) -> None:
    (tmp_path / "data.zip").write_bytes(BODY)
    assert fetch() == BODY
    assert publisher.asked == []

    (tmp_path / "data.zip").write_bytes(OTHER)
    assert fetch() == BODY
    assert publisher.asked == [(None, None)]


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2015 08:00:00 GMT"}, '"v1"'),
        ({"Last-Modified": "Mon, 02 Mar 2015 08:00:00 GMT"}, "Mon, 02 Mar 2015 08:00:00 GMT"),
        # If-Range must not have a weak one (RFC 9110).
        ({"ETag": 'W/"v1"', "Last-Modified": "Mon, 02 Mar 2015 08:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_the_rest_is_asked_for_with_a_strong_validator(
    publisher, fetch, headers: dict[str, str], validator: str | None
) -> None:
    publisher.headers = headers
    publisher.script = [publisher.cut(500)]

    assert fetch() == BODY

    assert publisher.asked == [(None, None), ("bytes=500-", validator)]


@pytest.mark.parametrize("status", TRANSIENT)
def test_an_error_that_may_pass_is_tried_again(publisher, fetch, pauses, status: int) -> None:
    publisher.script = [publisher.cut(10), publisher.fail(status)]

    assert fetch() == BODY

    assert pauses == [1.0, 2.0]


def test_attempts_are_bounded_and_keep_what_arrived(
    publisher, fetch, tmp_path: Path, pauses
) -> None:
    publisher.script = [publisher.cut(10), *[publisher.fail(503)] * 9]

    with pytest.raises(FleetError, match=r"after 4 attempts: HTTP Error 503: Service Unavailable"):
        fetch()

    assert len(publisher.asked) == ATTEMPTS
    assert pauses == [1.0, 2.0, 4.0]
    assert (tmp_path / "data.zip.part").read_bytes() == BODY[:10]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 501])
def test_an_error_that_stays_is_said_at_once(publisher, fetch, tmp_path: Path, status: int) -> None:
    put_part(tmp_path, BODY[:10])
    publisher.script = [publisher.fail(status)]

    with pytest.raises(FleetError, match=f"HTTP Error {status}"):
        fetch()

    assert len(publisher.asked) == 1
    assert (tmp_path / "data.zip.part").read_bytes() == BODY[:10]


@pytest.mark.parametrize(
    ("content", "length"),
    [(b"<html>gone</html>", None), (b"", None), (BODY[:-1], -1), (BODY + b"?", None)],
)
def test_anything_but_the_file_is_refused_and_not_kept(
    publisher, fetch, tmp_path: Path, content: bytes, length: int | None
) -> None:
    publisher.script = [lambda request: publisher.send(request, 200, content, None, length)]

    with pytest.raises(FleetError, match=sha256(content)):
        fetch()

    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Answer:
    """The first bytes of an answer, after which the connection ends, of one of two versions.

    A careless server resumes whatever version was asked for, one without ranges never.
    """

    content: bytes
    size: int
    server: str

    def send(self, publisher: Publisher, request: http.server.BaseHTTPRequestHandler) -> None:
        asked, version = publisher.asked[-1], {"ETag": f'"{sha256(self.content)}"'}
        start = int(asked[0].removeprefix("bytes=").removesuffix("-")) if asked[0] else 0
        is_same = asked[1] in (None, *version.values())
        if self.server == "without ranges" or not (is_same or self.server == "careless"):
            start = 0
        if start >= len(self.content):
            publisher.send(request, 416, b"", version)
            return
        rest = self.content[start:]
        stated = {"Content-Range": f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"}
        status = 206 if start else 200
        publisher.send(request, status, rest[: self.size], {**version, **stated}, len(rest))


ANSWERS = st.builds(
    Answer,
    content=st.sampled_from([BODY[:5_000], OTHER[:4_000], OTHER[:6_000]]),
    size=st.integers(0, 6_000),
    server=st.sampled_from(["exact", "careless", "without ranges"]),
)


def test_whatever_arrives_the_file_is_the_published_one_or_not_there() -> None:
    expected = BODY[:5_000]

    @settings(max_examples=50)
    @given(st.lists(ANSWERS, max_size=8))
    def law(answers: list[Answer]) -> None:
        publisher.script = [partial(answer.send, publisher) for answer in answers]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.zip"
            for _ in range(len(answers) + 1):
                try:
                    download(
                        publisher.url, path, sha256=sha256(expected), pause=lambda _seconds: None
                    )
                except FleetError:
                    assert not path.exists()
            assert path.read_bytes() == expected
            assert list(Path(folder).iterdir()) == [path]

    with serving() as publisher:
        publisher.body, publisher.headers = expected, {}
        law()


def test_one_process_at_a_time_works_in_a_folder(publisher, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    is_held, waits = threading.Event(), threading.Event()
    order = []

    def first() -> None:
        with alone(folder, lambda: None):
            is_held.set()
            waits.wait()
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    is_held.wait()
    with alone(folder, waits.set):
        order.append("second")
    thread.join()

    assert order == ["first", "second"]
