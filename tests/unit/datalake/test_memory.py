from __future__ import annotations

from datetime import UTC, datetime

import pytest

from datalake.memory import MemoryStorage
from datalake.storage import (
    ObjectNotFoundError,
    ObjectTooLargeError,
    PreconditionFailedError,
)


def test_it_has_the_conditions_of_s3() -> None:
    storage = MemoryStorage()
    options = {"content_type": "text/plain", "metadata": {}}
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"1", if_match="no such", **options)  # type: ignore[arg-type]
    written = storage.put("b", "k", b"1", if_match=None, **options)  # type: ignore[arg-type]
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"2", if_match=None, **options)  # type: ignore[arg-type]
    info = storage.head("b", "k")
    assert info is not None
    assert info.etag == written
    storage.put("b", "k", b"2", if_match=info.etag, **options)  # type: ignore[arg-type]
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"3", if_match=info.etag, **options)  # type: ignore[arg-type]
    assert storage.get("b", "k").body == b"2"
    assert storage.get("b", "k", version_id="v1").body == b"1"


def test_it_refuses_what_is_not_there_or_too_large() -> None:
    storage = MemoryStorage()
    storage.write("b", "k", b"12345")
    with pytest.raises(ObjectNotFoundError):
        storage.get("b", "other")
    with pytest.raises(ObjectNotFoundError):
        storage.get("b", "k", version_id="v9")
    with pytest.raises(ObjectTooLargeError):
        storage.get("b", "k", max_bytes=4)
    storage.remove("b", "k")
    assert storage.head("b", "k") is None


def test_it_opens_lists_and_deletes() -> None:
    storage = MemoryStorage()
    first = storage.write("b", "p/k", b"0123456789")
    storage.write("b", "p/k", b"newer")
    with storage.open("b", "p/k", version_id="v1", start=2, end=6) as opened:
        assert (opened.stream.read(2), opened.stream.read(9)) == (b"23", b"45")
        assert opened.info == first
    assert storage.head("b", "p/k", version_id="v1") == first
    assert list(storage.keys("b", "p/")) == ["p/k"]
    assert list(storage.keys("b", "q/")) == []
    newest = storage.head("b", "p/k")
    assert newest is not None
    assert storage.etags("b", "p/") == {"p/k": newest.etag}
    assert storage.etags("b", "q/") == {}
    with pytest.raises(PreconditionFailedError):
        storage.delete("b", "p/k", if_match=first.etag)
    current = storage.head("b", "p/k")
    assert current is not None
    storage.delete("b", "p/k", if_match=current.etag)
    assert storage.head("b", "p/k") is None
    with pytest.raises(ObjectNotFoundError), storage.open("b", "p/k"):
        pass


def test_its_clock_tells_when_a_version_was_written() -> None:
    times = iter([datetime(2011, 1, 1, tzinfo=UTC), datetime(2011, 1, 2, tzinfo=UTC)])
    storage = MemoryStorage(lambda: next(times))
    for body in (b"1", b"2"):
        storage.write("b", "k", body)
    assert [
        info.modified.day
        for version in ("v1", None)
        if (info := storage.head("b", "k", version_id=version))
    ] == [1, 2]
    assert MemoryStorage().write("b", "k", b"").modified.tzinfo is UTC
