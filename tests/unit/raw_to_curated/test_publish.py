from __future__ import annotations

from typing import Any

from data_plane.uploads import (
    FULL,
    SETTINGS,
    SMALL,
    report,
    upload,
)
from datalake.layout import history_key
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.service import Service


def test_concurrent_objects_of_a_source_all_reach_its_history() -> None:
    class Racing(MemoryStorage):
        """Another object is processed whole between the look at the history and its write."""

        other: CreatedObject | None = None

        def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
            if self.other is not None and key == history_key("online-retail"):
                other, self.other = self.other, None
                Service(self, SETTINGS).process(other)
            return super().put(bucket, key, body, **options)

    storage = Racing()
    first = upload(storage, FULL, "0A")
    storage.other = upload(storage, SMALL, "0B", key="online-retail/other.csv")
    Service(storage, SETTINGS).process(first)
    history = report(storage, history_key("online-retail"))
    assert len(history["objects"]) == len(history["drift"]) == 2
