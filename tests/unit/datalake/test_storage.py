from __future__ import annotations

import pytest

from datalake.memory import MemoryStorage
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectTooLargeError,
    PreconditionFailedError,
    is_newer,
    put_unless_newer,
)


def put(storage: MemoryStorage, body: bytes, sequencer: str) -> bool:
    return put_unless_newer(
        storage, "b", "k", body, sequencer=sequencer, content_type="text/plain", metadata={"a": "1"}
    )


@pytest.mark.parametrize(
    ("sequencer", "than", "expected"),
    [
        ("0055AED6DCD90281E6", "0055AED6DCD90281E5", True),
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6", False),
        ("0A", "9", False),
        ("9", "0A", True),
        ("0A01", "0A", True),
        ("0A", "0A00", False),
        ("0B", "0A01", True),
        ("ab", "AB", False),
        ("AB", "ab", False),
        ("1", "", True),
        ("", "1", False),
        ("", "", False),
        ("00", "", False),
    ],
)
def test_sequencers_compare_as_if_padded_on_the_right(
    sequencer: str, than: str, expected: bool
) -> None:
    assert is_newer(sequencer, than) is expected


def test_the_newest_wins_in_any_order() -> None:
    storage = MemoryStorage()
    assert put(storage, b"one", "01")
    assert put(storage, b"two", "02")
    with pytest.raises(NewerVersionError, match="02 > 01"):
        put(storage, b"one", "01")
    stored = storage.get("b", "k")
    assert stored.body == b"two"
    assert stored.info.metadata["sequencer"] == "02"
    assert stored.info.metadata["a"] == "1"


def test_the_same_result_is_not_written_again() -> None:
    storage = MemoryStorage()
    assert put(storage, b"one", "01")
    assert not put(storage, b"one", "01")
    assert put(storage, b"one", "02")


def test_a_writer_that_loses_a_race_to_a_newer_one_gives_way() -> None:
    class Racing(MemoryStorage):
        """A newer result appears between the look and the write."""

        raced = False

        def head(self, bucket: str, key: str) -> ObjectInfo | None:
            seen = super().head(bucket, key)
            if not self.raced:
                self.raced = True
                put(self, b"newer", "02")
            return seen

    storage = Racing()
    with pytest.raises(NewerVersionError):
        put(storage, b"older", "01")
    assert storage.get("b", "k").body == b"newer"


def test_a_race_that_never_ends_is_an_error() -> None:
    class Contended(MemoryStorage):
        def head(self, bucket: str, key: str) -> ObjectInfo | None:
            return None

    storage = Contended()
    storage.write("b", "k", b"other")

    def fail(*args: object, **options: object) -> None:
        raise PreconditionFailedError("b", "k", "PreconditionFailed")

    storage.put = fail  # type: ignore[method-assign]
    with pytest.raises(PreconditionFailedError, match="5 times"):
        put(storage, b"mine", "01")


def test_memory_storage_has_the_conditions_of_s3() -> None:
    storage = MemoryStorage()
    options = {"content_type": "text/plain", "metadata": {}}
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"1", if_match="no such", **options)  # type: ignore[arg-type]
    storage.put("b", "k", b"1", if_match=None, **options)  # type: ignore[arg-type]
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"2", if_match=None, **options)  # type: ignore[arg-type]
    info = storage.head("b", "k")
    assert info is not None
    storage.put("b", "k", b"2", if_match=info.etag, **options)  # type: ignore[arg-type]
    with pytest.raises(PreconditionFailedError):
        storage.put("b", "k", b"3", if_match=info.etag, **options)  # type: ignore[arg-type]
    assert storage.get("b", "k").body == b"2"
    assert storage.get("b", "k", version_id="v1").body == b"1"


def test_memory_storage_refuses_what_is_not_there_or_too_large() -> None:
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


def test_memory_storage_opens_lists_and_deletes() -> None:
    storage = MemoryStorage()
    first = storage.write("b", "p/k", b"0123456789")
    storage.write("b", "p/k", b"newer")
    with storage.open("b", "p/k", version_id="v1", start=2, end=6) as opened:
        assert (opened.stream.read(2), opened.stream.read(9)) == (b"23", b"45")
        assert opened.info == first
    assert storage.head("b", "p/k", version_id="v1") == first
    assert list(storage.keys("b", "p/")) == ["p/k"]
    assert list(storage.keys("b", "q/")) == []
    with pytest.raises(PreconditionFailedError):
        storage.delete("b", "p/k", if_match=first.etag)
    current = storage.head("b", "p/k")
    assert current is not None
    storage.delete("b", "p/k", if_match=current.etag)
    assert storage.head("b", "p/k") is None
    with pytest.raises(ObjectNotFoundError), storage.open("b", "p/k"):
        pass
