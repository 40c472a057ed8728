"""A large object in parts gives what it gives whole, whatever is repeated, missing or changed."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import polars as pl
import pytest
from raw_to_curated import layout, quality
from raw_to_curated import split as split_module
from raw_to_curated.notifications import RawObject
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
from raw_to_curated.split import PartsMissingError, SplitService, UnknownActionError

from datalake.memory import MemoryStorage

KEY = "online-retail/all.csv"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROW = '{number},85123A,"a ""quoted"", name",{quantity},2010-12-01 08:26:00,{price},17850,UK\n'
SETTINGS = Settings("raw", "curated", "quarantine", "", split_bytes=2_000)


def rows(begin: int, end: int) -> str:
    return "".join(
        ROW.format(
            number=536000 + n, quantity=-1 if n % 7 == 0 else 2, price=0 if n % 9 == 0 else 1
        )
        for n in range(begin, end)
    )


# The same rows again: every one after the first 300 repeats one of another part.
TEXT = HEADER + rows(0, 300) + rows(0, 300) + "536999,too few\n"


@pytest.fixture(autouse=True)
def no_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "assess", lambda orders, returns, rules: (orders, returns))


@pytest.fixture
def splitter(storage: MemoryStorage) -> SplitService:
    storage.write("raw", KEY, TEXT.encode())
    return SplitService(storage, SETTINGS)


def plan(splitter: SplitService, key: str = KEY) -> dict[str, Any]:
    # Through JSON, as a state machine hands it on.
    planned = splitter.handle({"action": "plan", "bucket": "raw", "key": key})
    result: dict[str, Any] = json.loads(json.dumps(planned))
    return result


def table(storage: MemoryStorage, name: str) -> pl.DataFrame:
    report = json.loads(storage.get("curated", layout.report_key("online-retail", KEY)).body)
    keys = [(o["bucket"], o["key"]) for o in report["outputs"] if o["table"] == name]
    return pl.concat(pl.read_parquet(io.BytesIO(storage.get(*key).body)) for key in keys)


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
    whole = Service(calm, SETTINGS).process(RawObject(KEY)).report
    assert whole is not None
    for name in ("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates"):
        assert done[name] == whole[name]
    assert done["exact_duplicates"] == 300
    for name in ("orders", "returns", "quarantine"):
        drop = ["line_number"]
        assert table(storage, name).drop(drop).equals(table(calm, name).drop(drop))
        assert table(storage, name)["line_number"].is_sorted()
        assert table(storage, name)["line_number"].is_unique().all()
    assert list(storage.keys("curated", "staging/")) == []
    assert plan(splitter)["status"] == "done"
    assert splitter.handle(planned["finish"]) == done


def test_finish_names_the_parts_that_are_missing(splitter: SplitService) -> None:
    planned = plan(splitter)
    for part in planned["parts"][1:]:
        splitter.handle(part)
    with pytest.raises(PartsMissingError, match=r"parts \[0\]"):
        splitter.handle(planned["finish"])


def test_an_object_that_changes_meanwhile_is_given_up(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    planned = plan(splitter)
    storage.write("raw", KEY, b"other")
    assert splitter.handle(planned["parts"][0])["status"] == "superseded"
    assert splitter.handle(planned["finish"])["status"] == "superseded"
    assert list(storage.keys("curated")) == []


def test_a_part_that_cannot_be_used_rejects_the_object(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    storage.write("raw", KEY, TEXT.encode() + b"caf\xe9\n")
    planned = plan(splitter)
    answers = [splitter.handle(part) for part in planned["parts"]]
    assert [answer["status"] for answer in answers].count("rejected") == 1
    done = splitter.handle(planned["finish"])
    assert (done["status"], done["reason"]) == ("rejected", "wrong_encoding")
    assert storage.head("curated", layout.rejection_key("online-retail", KEY)) is not None
    assert storage.head("curated", layout.report_key("online-retail", KEY)) is None


def test_no_part_begins_inside_a_quoted_field(
    storage: MemoryStorage, splitter: SplitService, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = ROW.replace("quoted", "\n".join(["quoted"] * 20)).format(
        number=536000, quantity=1, price=1
    )
    storage.write("raw", KEY, (HEADER + (long + rows(0, 90)) * 8).encode())
    for part in plan(splitter)["parts"]:
        assert splitter.handle(part)["status"] == "curated"
    manifest = storage.keys("curated", "staging/")
    counts = [
        json.loads(storage.get("curated", key).body)["counts"]
        for key in manifest
        if key.endswith(".json")
    ]
    assert len(counts) > 3
    assert not any("malformed_quoting" in count["reasons"] for count in counts)
    # Where no place is sure, nothing is cut.
    monkeypatch.setattr(split_module, "_WINDOW_BYTES", 100)
    assert len(plan(splitter)["parts"]) == 1


def test_compressed_objects_have_one_part(storage: MemoryStorage, splitter: SplitService) -> None:
    storage.write("raw", KEY + ".gz", TEXT.encode())
    assert len(plan(splitter, KEY + ".gz")["parts"]) == 1


def test_what_is_not_there_or_unknown(storage: MemoryStorage, splitter: SplitService) -> None:
    assert plan(splitter, "online-retail/no.csv")["status"] == "deleted"
    storage.write("raw", "elsewhere/a.csv", b"x")
    assert plan(splitter, "elsewhere/a.csv")["status"] == "rejected"
    with pytest.raises(UnknownActionError, match="one of plan"):
        splitter.handle({"action": "dance", "bucket": "raw", "key": KEY})
    with pytest.raises(UnknownActionError, match="reads raw"):
        splitter.handle({"action": "plan", "bucket": "other", "key": KEY})


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
