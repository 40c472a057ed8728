"""A large object in parts gives what it gives whole, whatever is repeated, missing or changed."""

from __future__ import annotations

import io
import itertools
import json
from copy import deepcopy
from typing import Any

import polars as pl
import pytest

from data_plane.faulty_storage import stopped
from data_plane.split_objects import (
    HEADER,
    KEY,
    PARQUET_KEY,
    ROWS,
    SETTINGS,
    TEXT,
    curated,
    payments,
    plan,
    rows,
    table,
)
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated import lines, parts
from raw_to_curated.actions import UnknownActionError
from raw_to_curated.service import Service
from raw_to_curated.split import SplitService

pytestmark = pytest.mark.usefixtures("no_scores")


def test_the_parts_together_are_the_whole(storage: MemoryStorage, splitter: SplitService) -> None:
    planned = plan(splitter)
    parts = planned["parts"]
    assert planned["status"] == "planned"
    assert len(parts) > 5
    bounds = [(part["start"], part["end"]) for part in parts]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == len(TEXT)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))
    for part in reversed(parts):
        assert splitter.handle(part)["status"] == "curated"
        assert splitter.handle(part) == {"part": part["part"], "status": "skipped"}
    done = splitter.handle(planned["finish"])
    assert done["status"] == "curated"

    calm = MemoryStorage()
    calm.write("raw", KEY, TEXT.encode())
    whole = Service(calm, SETTINGS).process(CreatedObject(KEY)).report
    assert whole is not None
    assert {name: done[name] for name in ROWS} == {name: getattr(whole, name) for name in ROWS}
    assert done["exact_duplicates"] == 300
    for name in ("orders", "returns", "quarantine"):
        drop = ["line_number"]
        assert table(storage, name).drop(drop).equals(table(calm, name).drop(drop))
        assert table(storage, name)["line_number"].is_sorted()
        assert table(storage, name)["line_number"].is_unique().all()
    assert list(storage.keys("curated", "staging/")) == []
    assert plan(splitter)["status"] == "done"
    assert splitter.handle(planned["finish"]) == done


def test_an_object_that_changes_meanwhile_is_given_up(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    planned = plan(splitter)
    storage.write("raw", KEY, b"other")
    assert splitter.handle(planned["parts"][0])["status"] == "superseded"
    assert splitter.handle(planned["finish"])["status"] == "superseded"
    assert list(storage.keys("curated")) == []


def test_first_rows_that_cannot_be_used_reject_the_object_at_once(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    storage.write("raw", KEY, TEXT.encode() + b"caf\xe9\n")
    planned = plan(splitter)
    assert (planned["status"], planned["reason"]) == ("rejected", "wrong_encoding")
    assert storage.head("curated", curated(KEY).rejection_key) is not None


def test_a_part_that_cannot_be_used_rejects_the_object(
    storage: MemoryStorage, splitter: SplitService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", 64 * 1024)
    storage.write("raw", KEY, (HEADER + rows(0, 2_000)).encode() + b"caf\xe9\n")
    planned = plan(splitter)
    answers = [splitter.handle(part) for part in planned["parts"]]
    assert [answer["status"] for answer in answers].count("rejected") == 1
    done = splitter.handle(planned["finish"])
    assert (done["status"], done["reason"]) == ("rejected", "wrong_encoding")
    assert storage.head("curated", curated(KEY).rejection_key) is not None
    assert storage.head("curated", curated(KEY).report_key) is None


def test_what_is_not_there_or_unknown(storage: MemoryStorage, splitter: SplitService) -> None:
    assert plan(splitter, "online-retail/no.csv")["status"] == "deleted"
    storage.write("raw", "elsewhere/a.csv", b"x")
    assert plan(splitter, "elsewhere/a.csv")["status"] == "rejected"
    with pytest.raises(UnknownActionError, match="one of plan"):
        splitter.handle({"action": "dance", "bucket": "raw", "key": KEY})
    with pytest.raises(UnknownActionError, match="reads raw"):
        splitter.handle({"action": "plan", "bucket": "other", "key": KEY})


def results(storage: MemoryStorage) -> dict[Any, Any]:
    """All but what a stop may leave in the staging area, which nothing reads and S3 expires."""
    found = storage.snapshot().items()
    return {key: value for key, value in found if not key[1].startswith("staging/")}


def test_a_stop_at_any_call_is_healed_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # So that few rows make several parts.
    monkeypatch.setattr(parts, "MAX_LINES_PER_RECORD", 2)
    begin = MemoryStorage()
    older = begin.write("raw", KEY, (HEADER + rows(0, 8)).encode())
    event = CreatedObject(KEY, "0A", older.etag, older.version_id)
    Service(begin, SETTINGS).process(event)
    begin.write("raw", KEY, (HEADER + rows(0, 5) + rows(3, 6)).encode())

    def run(storage: Any) -> dict[Any, Any]:
        """All steps, as an execution of the state machine does them."""
        splitter = SplitService(storage, SETTINGS.model_copy(update={"split_mb": 250 / 2**20}))
        planned = plan(splitter)
        for step in [*planned["parts"], *([planned["finish"]] if planned["finish"] else [])]:
            splitter.handle(step)
        return results(storage) if isinstance(storage, MemoryStorage) else {}

    calm = deepcopy(begin)
    expected = run(calm)
    assert len(list(calm.keys("curated", "orders/"))) > 1
    for call, left in stopped(begin, run):
        assert run(deepcopy(left)) == expected, call
        # The older version's event comes again between.
        Service(left, SETTINGS).process(event)
        assert run(left) == expected, call


def test_the_handler_passes_actions_on(
    handler_module: Any, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch, splitter: Any
) -> None:
    monkeypatch.setattr(handler_module, "split_service", lambda: splitter)
    context = type(
        "Context",
        (),
        dict.fromkeys(
            ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id"), ""
        ),
    )
    answer = handler_module.lambda_handler({"action": "plan", "bucket": "raw", "key": KEY}, context)
    assert answer["status"] == "planned"


FAILURE = {
    "Error": "AccountingError",
    "Cause": json.dumps({"errorMessage": "3 rows in, but 2 accounted for"}),
}


def give_up(splitter: SplitService, **step: Any) -> dict[str, Any]:
    step = {"bucket": "raw", "key": KEY, "error": FAILURE, **step}
    return splitter.handle({"action": "give_up", "bucket": "raw", "key": KEY, "step": step})


def rejection(storage: MemoryStorage) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(storage.get("curated", curated(KEY).rejection_key).body)
    return content


def test_an_object_of_which_a_step_failed_is_rejected_until_a_later_run(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    planned = plan(splitter)
    splitter.handle(planned["parts"][0])
    answer = give_up(splitter, **planned)
    assert (answer["status"], answer["reason"]) == ("rejected", "processing_failed")
    written = rejection(storage)
    assert (written["provisional"], written["etag"]) == (True, planned["etag"])
    assert written["details"] == {"error": ["AccountingError: 3 rows in, but 2 accounted for"]}
    assert written["message"] == answer["message"]
    for step in [*plan(splitter)["parts"], planned["finish"]]:
        splitter.handle(step)
    assert storage.head("curated", curated(KEY).rejection_key) is None
    # A step of another execution that failed meanwhile.
    give_up(splitter, **planned)
    assert plan(splitter)["status"] == "done"
    assert storage.head("curated", curated(KEY).rejection_key) is None


def test_an_object_that_could_not_even_be_planned_is_rejected_too(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    assert give_up(splitter)["status"] == "rejected"
    assert rejection(storage)["provisional"] is True
    assert give_up(splitter, error={})["status"] == "rejected"


def test_an_event_of_the_object_has_the_last_word(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    head = storage.head("raw", KEY)
    assert head is not None
    event = CreatedObject(KEY, "0A", head.etag, head.version_id)
    # Its last delivery was stopped; then a backfill did the work, or failed too.
    service = Service(storage, SETTINGS)
    service.reject_provisionally(event, 5)
    assert give_up(splitter)["status"] == "superseded"
    assert rejection(storage)["sequencer"] == "0A"
    planned = plan(splitter)
    for step in [*planned["parts"], planned["finish"]]:
        splitter.handle(step)
    assert storage.head("curated", curated(KEY).rejection_key) is None


def test_only_the_version_that_failed_is_given_up(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    planned = plan(splitter)
    storage.write("raw", KEY, b"other")
    assert give_up(splitter, **planned)["status"] == "superseded"
    storage.remove("raw", KEY)
    assert give_up(splitter, **planned)["status"] == "deleted"
    assert list(storage.keys("curated")) == []


@pytest.mark.parametrize("name", ["action", "bucket", "key"])
@pytest.mark.parametrize("value", [None, 7, [], {"a": {}}])
def test_a_step_without_its_texts_is_refused(
    splitter: SplitService, name: str, value: object
) -> None:
    event = {"action": "plan", "bucket": "raw", "key": KEY, name: value}
    with pytest.raises(UnknownActionError, match=f"{name}: "):
        splitter.handle(event)


def test_dates_have_the_same_limits_whole_and_in_parts(storage: MemoryStorage) -> None:
    far = rows(0, 300).replace("2010-12-01", "1994-12-01")
    late = rows(300, 310).replace("2010-12-01", "2026-01-04")
    storage.write("raw", KEY, (HEADER + rows(310, 810) + far + late).encode())
    splitter = SplitService(storage, SETTINGS)
    planned = plan(splitter)
    assert len(planned["parts"]) > 3
    for part in planned["parts"]:
        splitter.handle(part)
    done = splitter.handle(planned["finish"])
    whole = MemoryStorage()
    info = whole.write("raw", KEY, storage.get("raw", KEY).body)
    outcome = Service(whole, SETTINGS).process(CreatedObject(KEY, "0A", info.etag))
    assert outcome.report is not None
    assert {name: done[name] for name in ROWS} == {
        name: outcome.report.content()[name] for name in ROWS
    }
    in_parts = json.loads(storage.get("curated", curated(KEY).report_key).body)
    reasons = in_parts["quarantine_reasons"]
    assert reasons == outcome.report.content()["quarantine_reasons"]
    assert (reasons["date_far_from_rest"], reasons["date_after_upload"]) == (310, 10)


def test_payments_have_the_same_limits_whole_and_in_parts(storage: MemoryStorage) -> None:
    """Whose first row groups together have the rows that are sampled."""
    years = pl.int_range(2_000, eager=True) // 300 * 2 + 2000
    frame = payments(2_000).with_columns(TX_DATETIME=pl.datetime(years, 1, 1))
    body = io.BytesIO()
    frame.write_parquet(body, row_group_size=100)
    info = storage.write("raw", PARQUET_KEY, body.getvalue())
    planned = plan(SplitService(storage, SETTINGS), PARQUET_KEY)
    whole = Service(storage, SETTINGS).process(CreatedObject(PARQUET_KEY, "0A", info.etag))
    assert whole.report is not None
    # 2000 to 2006 in the first 1,000 rows, of which 2002 is in the middle.
    dates = planned["parts"][-1]["dates"]
    assert (dates["first_day"], dates["last_day"]) == ("1999-10-24", "2004-03-11")
    assert whole.report.content()["quarantine_reasons"]["date_far_from_rest"] == 1_100


def test_columns_are_those_of_the_beginning_even_of_smaller_parts(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    key = "customer-master/a.jsonl"
    sound = '{"customer_id": "1", "country": "UK"}\n'
    storage.write("raw", key, (sound * 1_000 + sound.replace("country", "land")).encode())
    planned = splitter.handle({"action": "plan", "bucket": "raw", "key": key})
    whole = Service(storage, SETTINGS).process(CreatedObject(key)).report
    assert planned["status"] == "rejected"
    assert planned["reason"] == getattr(whole, "reason", None) == "columns_mismatch"
