"""How many calls of the storage an object costs, and what stands where there is no outcome yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from data_plane.faulty_storage import Faulty, Stopped
from data_plane.uploads import FULL, KEY, SETTINGS, SMALL, report, upload
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from datalake.parallel import at_once
from datalake.storage import OpenObject, StoredObject
from lambda_app.s3_events import CreatedObject
from raw_to_curated.service import Outcome, Service, Status

OBJECT = CuratedObject.of("online-retail", KEY)
BROKEN = "Invoice,Other\n1,2\n"
MAX_CALLS = 16


class Counted(MemoryStorage):
    """Counts its calls, and the bytes that they read or write."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.bytes = 0

    def head(self, *arguments: Any, **options: Any) -> Any:
        self.calls.append("head")
        return super().head(*arguments, **options)

    def get(self, *arguments: Any, **options: Any) -> StoredObject:
        self.calls.append("get")
        found = super().get(*arguments, **options)
        self.bytes += found.info.size
        return found

    @contextmanager
    def open(self, *arguments: Any, **options: Any) -> Iterator[OpenObject]:
        # It gets the object, which counts.
        with super().open(*arguments, **options) as opened:
            yield opened

    def keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        self.calls.append("list")
        found = list(super().keys(bucket, prefix))
        self.bytes += sum(map(len, found))
        return iter(found)

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
        # It looks at the object.
        etag = super().put(bucket, key, body, **options)
        self.calls[-1] = "put"
        self.bytes += len(body)
        return etag

    def delete(self, bucket: str, key: str, *, if_match: str) -> None:
        self.calls.append("delete")
        super().delete(bucket, key, if_match=if_match)

    def cost(self, raw_object: CreatedObject) -> tuple[list[str], int]:
        """Calls and bytes of an object."""
        self.calls, self.bytes = [], 0
        Service(self, SETTINGS).process(raw_object)
        return self.calls, self.bytes


@pytest.mark.usefixtures("no_scores")
def test_the_hundredth_object_costs_what_the_first_did() -> None:
    storage = Counted()
    costs = []
    for number in range(100):
        raw_object = upload(storage, FULL, "0A", key=f"online-retail/{number:03}.csv")
        costs.append(storage.cost(raw_object))
    calls, size = costs[0]
    assert len(calls) <= MAX_CALLS
    for number in (10, 100):
        assert costs[number - 1] == (calls, size)


@pytest.mark.usefixtures("no_scores")
@pytest.mark.parametrize(
    ("text", "key"),
    [
        (FULL, KEY),
        (SMALL, KEY),
        (BROKEN, KEY),
        ("", KEY),
        (FULL, "elsewhere/a.csv"),
        (BROKEN, "price-list/a.csv"),
    ],
)
def test_no_version_and_no_delivery_costs_more_than_the_bound(text: str, key: str) -> None:
    storage = Counted()
    for version, sequencer in ((FULL, "0A"), (text, "0B"), (BROKEN, "0C"), (SMALL, "0D")):
        raw_object = upload(storage, version, sequencer, key)
        assert len(storage.cost(raw_object)[0]) <= MAX_CALLS
        assert len(storage.cost(raw_object)[0]) <= MAX_CALLS
    assert len(storage.cost(CreatedObject(key, "0A"))[0]) <= MAX_CALLS


def test_calls_at_the_same_time_leave_what_calls_in_a_row_leave() -> None:
    left = []
    for together in ({}, {"together": at_once}):
        storage = MemoryStorage()
        service = Service(storage, SETTINGS, **together)
        for text, sequencer in ((FULL, "0A"), (BROKEN, "0B"), (SMALL, "0C")):
            service.process(upload(storage, text, sequencer))
        left.append(storage.snapshot())
    assert left[0] == left[1]


def last_receive(storage: Any, raw_object: CreatedObject, **options: Any) -> Outcome:
    service = Service(storage, SETTINGS, **options)
    service.reject_provisionally(raw_object, 5)
    return service.process(raw_object)


def rejection(storage: MemoryStorage) -> dict[str, Any] | None:
    if storage.head("curated", OBJECT.rejection_key) is None:
        return None
    return report(storage, OBJECT.rejection_key)


def test_a_provisional_rejection_says_so_and_what_to_do(
    storage: MemoryStorage, service: Service
) -> None:
    raw_object = upload(storage, FULL, "0A")
    service.reject_provisionally(raw_object, 5)
    written = rejection(storage)
    assert written is not None
    assert (written["status"], written["provisional"]) == ("rejected", True)
    assert (written["reason"], written["sequencer"]) == ("processing_failed", "0A")
    assert (written["etag"], written["version_id"]) == (raw_object.etag, raw_object.version_id)
    assert "redrive the dead-letter queue" in written["message"]
    service.reject_provisionally(raw_object, 5, ValueError("on purpose"))
    written = rejection(storage)
    assert written is not None
    assert written["details"] == {"error": ["ValueError: on purpose"]}
    assert written["provisional"] is True


@pytest.mark.parametrize("text", [FULL, BROKEN])
def test_an_outcome_takes_its_place(storage: MemoryStorage, text: str) -> None:
    calm = deepcopy(storage)
    Service(calm, SETTINGS).process(upload(calm, text, "0A"))
    raw_object = upload(storage, text, "0A")
    last_receive(storage, raw_object)
    assert storage.snapshot() == calm.snapshot()
    # A redelivery that is the last one too.
    last_receive(storage, raw_object)
    assert storage.snapshot() == calm.snapshot()


def test_an_object_without_results_has_no_rejection_either(storage: MemoryStorage) -> None:
    first = upload(storage, FULL, "0A")
    gone = CreatedObject(KEY, "0A", first.etag, "v9")
    assert last_receive(storage, gone).status is Status.DELETED
    assert rejection(storage) is None
    upload(storage, SMALL, "0B")
    changed = CreatedObject(KEY, "0A", first.etag)
    assert last_receive(storage, changed).status is Status.SUPERSEDED
    assert rejection(storage) is None


def test_an_object_that_others_split_is_left_to_them(storage: MemoryStorage) -> None:
    class Backfill:
        def start(self, raw_object: CreatedObject) -> None:
            pass

    large = SETTINGS.model_copy(update={"split_mb": 10 / 2**20})
    service = Service(storage, large, Backfill())
    raw_object = upload(storage, FULL, "0A")
    service.reject_provisionally(raw_object, 5)
    assert service.process(raw_object).status is Status.SPLIT
    assert rejection(storage) is None


@pytest.mark.parametrize("newer", [FULL, BROKEN])
def test_the_outcome_of_a_newer_version_is_not_touched(storage: MemoryStorage, newer: str) -> None:
    older = upload(storage, SMALL, "0A")
    Service(storage, SETTINGS).process(upload(storage, newer, "0B"))
    before = storage.snapshot()
    last_receive(storage, older)
    assert before.items() <= storage.snapshot().items()
    assert newer == BROKEN or storage.snapshot() == before


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"status": NaN}', "null"])
def test_a_report_that_cannot_be_read_is_written_again(
    storage: MemoryStorage, service: Service, text: str
) -> None:
    raw_object = upload(storage, FULL, "0A")
    service.process(raw_object)
    calm = storage.snapshot()
    metadata = storage.get("curated", OBJECT.report_key).info.metadata
    # As it is there for the function, though nobody may write to the bucket.
    storage.write("curated", OBJECT.report_key, text.encode(), {**metadata, "sha256": "other"})
    assert service.process(raw_object).status is Status.CURATED
    assert storage.snapshot() == calm


def test_a_provisional_rejection_of_a_newer_version_stays(
    storage: MemoryStorage, service: Service
) -> None:
    older = upload(storage, SMALL, "0A")
    newer = upload(storage, FULL, "0B")
    service.reject_provisionally(newer, 5)
    before = rejection(storage)
    last_receive(storage, older)
    assert rejection(storage) == before
    service.process(newer)
    assert rejection(storage) is None


def test_a_reason_that_is_known_is_not_replaced_by_none(
    storage: MemoryStorage, service: Service
) -> None:
    raw_object = upload(storage, BROKEN, "0A")
    service.process(raw_object)
    before = rejection(storage)
    service.reject_provisionally(raw_object, 5)
    assert rejection(storage) == before
    # That of an older version is.
    service.reject_provisionally(upload(storage, BROKEN + "x\n", "0B"), 5)
    written = rejection(storage)
    assert written is not None
    assert (written["sequencer"], written["provisional"]) == ("0B", True)


@pytest.mark.usefixtures("no_scores")
@pytest.mark.parametrize("text", [FULL, BROKEN])
@pytest.mark.parametrize("before", [None, SMALL, BROKEN])
def test_whatever_call_stops_the_last_delivery_there_is_an_outcome(
    before: str | None, text: str
) -> None:
    begin = MemoryStorage()
    if before is not None:
        Service(begin, SETTINGS).process(upload(begin, before, "0A"))
    raw_object = upload(begin, text, "0B")
    calm = deepcopy(begin)
    Service(calm, SETTINGS).process(raw_object)
    counted = Faulty(deepcopy(begin))
    last_receive(counted, raw_object)
    first_put = counted.calls.index("put") + 1
    for number in range(1, len(counted.calls) + 1):
        storage = deepcopy(begin)
        with pytest.raises(Stopped):
            last_receive(Faulty(storage, number), raw_object)
        if number >= first_put:
            assert "0B" in outcomes(storage), number
        # Redriven from the dead-letter queue.
        Service(storage, SETTINGS).process(raw_object)
        assert current(storage) == current(calm), number


def current(storage: MemoryStorage) -> dict[Any, Any]:
    """All but a rejection of a version that is older than the one with results: a provisional one
    may have taken its place."""
    found = storage.snapshot()
    if max(outcomes(storage)) > (rejection(storage) or {}).get("sequencer", "1"):
        del found["curated", OBJECT.rejection_key]
    return found


def outcomes(storage: MemoryStorage) -> list[str]:
    """The sequencers of the versions that have a report."""
    keys = storage.keys("curated", OBJECT.reports_prefix)
    return [report(storage, key)["sequencer"] for key in keys]
