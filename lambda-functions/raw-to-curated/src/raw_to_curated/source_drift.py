"""Drift between the objects of a source, computed from their reports when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, Field

from datalake.layout import CuratedObject, reports_prefix
from datalake.parallel import Together, one_by_one
from datalake.quality_report import CuratedReport
from datalake.storage import ObjectNotFoundError, ObjectStorage
from raw_to_curated.actions import UnknownActionError, parsed
from raw_to_curated.settings import Settings
from raw_to_curated.sources import SOURCES

PAGE_OBJECTS = 1_000
"""About 1 MB of an answer, of which Lambda allows 6."""
# What drift() looks at. The rest of the reports on thousands of objects would fill the memory.
_FIGURES = {
    "rows", "time_range", "null_counts", "line_types", "countries", "outliers", "unit_price",
    "quantity",
}  # fmt: skip


class _Request(BaseModel):
    source: str
    start: int = Field(default=0, ge=0)


class SourceDrift:
    """The action `drift`, on JSON-ready dictionaries; README.md has their form."""

    def __init__(
        self, storage: ObjectStorage, settings: Settings, together: Together = one_by_one
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._together = together

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The drift of a source's objects, from number `start` on in the order of the times that
        they cover. Raises UnknownActionError."""
        # Imported here: the path of an object does not need it.
        from raw_to_curated.quality.history import drift

        request = parsed(_Request, event)
        source, start = request.source, request.start
        if source not in SOURCES:
            raise UnknownActionError(
                f"source is {source!r}; it must be one of {', '.join(SOURCES)}"
            )
        keys = self._storage.keys(self._settings.curated_bucket, reports_prefix(source))
        reports = self._together(
            [partial(self._figures, key) for key in keys if CuratedObject.from_report_key(key)]
        )
        entries = drift(report for report in reports if report)
        end = start + PAGE_OBJECTS
        return {
            "status": "computed",
            "source": source,
            "objects": len(entries),
            "drift": entries[start:end],
            "next": end if end < len(entries) else None,
        }

    def _figures(self, key: str) -> dict[str, Any] | None:
        try:
            stored = self._storage.get(self._settings.curated_bucket, key)
        except ObjectNotFoundError:
            return None
        report = CuratedReport.model_validate_json(stored.body)
        if report.quality is None:
            return None
        orders = report.quality.orders.model_dump(mode="json", include=_FIGURES)
        return {"object_id": report.object_id, "quality": {"orders": orders}}
