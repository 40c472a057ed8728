"""Drift of a source, from the reports on its objects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from data_plane.shop_months import START, orders, summarize
from data_plane.uploads import FULL, SETTINGS, SMALL, report, upload
from datalake.files import encode_json
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from datalake.parallel import at_once
from datalake.storage import ObjectNotFoundError, StoredObject
from raw_to_curated import source_drift
from raw_to_curated.actions import UnknownActionError
from raw_to_curated.quality.history import drift
from raw_to_curated.service import Service
from raw_to_curated.source_drift import SourceDrift

ASKED = {"action": "drift", "source": "online-retail"}


@pytest.fixture
def months(storage: MemoryStorage) -> list[dict[str, Any]]:
    """The contents of the reports on three months, of which the last has prices in pence."""
    service = Service(storage, SETTINGS)
    service.process(upload(storage, SMALL, "0A", key="online-retail/any.csv"))
    key = CuratedObject.of("online-retail", "online-retail/any.csv").report_key
    made = report(storage, key)
    storage.remove("curated", key)
    contents = []
    for number, pence in enumerate((1, 1, 100)):
        frame = orders(600, start=START + timedelta(days=30 * number), pence=pence)
        name = CuratedObject("online-retail", f"m{number}")
        content = {**made, "object_id": name.object_id, "quality": summarize(frame, None)}
        storage.write("curated", name.report_key, encode_json(content))
        contents.append(content)
    return contents


def test_the_entries_are_those_of_all_reports_at_once(
    storage: MemoryStorage, months: list[dict[str, Any]]
) -> None:
    service = Service(storage, SETTINGS)
    service.process(upload(storage, "a,b\n1,2\n", "0A"))
    answer = SourceDrift(storage, SETTINGS).handle(ASKED)
    assert answer == {
        "status": "computed",
        "source": "online-retail",
        "objects": 3,
        "drift": drift(months),
        "next": None,
    }
    assert answer["drift"][2]["columns"]["unit_price"]["level"] == "shifted"
    assert SourceDrift(storage, SETTINGS, at_once).handle(ASKED) == answer


@pytest.mark.usefixtures("months")
def test_pages_together_are_the_whole(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SourceDrift(storage, SETTINGS)
    whole = service.handle(ASKED)["drift"]
    monkeypatch.setattr(source_drift, "PAGE_OBJECTS", 2)
    first = service.handle(ASKED)
    assert (first["objects"], first["next"]) == (3, 2)
    last = service.handle({**ASKED, "start": first["next"]})
    assert last["next"] is None
    assert first["drift"] + last["drift"] == whole


def test_objects_without_orders_and_other_sources_have_none(storage: MemoryStorage) -> None:
    service = Service(storage, SETTINGS)
    service.process(upload(storage, FULL, "0A"))
    for source, objects in (("online-retail", 1), ("stocks", 0)):
        answer = SourceDrift(storage, SETTINGS).handle({**ASKED, "source": source})
        assert (answer["objects"], len(answer["drift"])) == (objects, objects)


@pytest.mark.usefixtures("months")
def test_a_report_that_goes_meanwhile_is_passed_over(storage: MemoryStorage) -> None:
    class Going(MemoryStorage):
        keys = storage.keys

        def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
            if "object=m1/" in key:
                raise ObjectNotFoundError(bucket, key, "NoSuchKey")
            return storage.get(bucket, key, **options)

    entries = SourceDrift(Going(), SETTINGS).handle(ASKED)["drift"]
    assert [entry["object_id"] for entry in entries] == ["m0", "m2"]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"action": "drift"}, "source: Field required"),
        ({**ASKED, "source": "elsewhere"}, "one of card-transactions"),
        ({**ASKED, "start": -1}, "start: "),
        ({**ASKED, "start": "one"}, "start: "),
    ],
)
def test_what_cannot_be_meant_is_refused(
    storage: MemoryStorage, event: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnknownActionError, match=message):
        SourceDrift(storage, SETTINGS).handle(event)
