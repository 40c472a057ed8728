from __future__ import annotations

import pytest

from datalake.memory import MemoryStorage
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
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
