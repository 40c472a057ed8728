"""Alerts in a table: the batch writes them, investigators page through them and close them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial, total_ordering
from itertools import groupby
from math import inf
from typing import TypeAlias

from datalake.items import Item, ItemStore, Key, Value, change
from datalake.parallel import Together, one_by_one

# All alerts are in one partition, in the order of days: 100 a day are 20 MB a year.
_PARTITION = "alerts"
# A page of rare alerts ends after as many days, with a cursor to go on from.
_MOST_DAYS = 62
_OWN = ("status", "closed_at", "closed_by", "reason")

Alert: TypeAlias = Mapping[str, Value]
"""What the batch wrote of an alert, with `alert_id` and `probability`, and what became of it:
`status`, and of a closed one `closed_at`, `closed_by` and `reason`."""


class Status(StrEnum):
    """Whether an alert waits for somebody."""

    OPEN = "open"
    CLOSED = "closed"


class UnknownAlertError(Exception):
    """There is no such alert."""


class ClosedAlertError(Exception):
    """The alert was closed before, for another reason."""


class CursorError(Exception):
    """The cursor is not one that a page ended with."""


@dataclass(frozen=True)
class Filter:
    """Which alerts to list; None stands for all."""

    day: date | None = None
    min_probability: float = 0.0
    status: Status | None = None


@dataclass(frozen=True)
class Page:
    """Alerts: the newest day first, of a day the most probable fraud. No cursor at the end."""

    alerts: list[Alert]
    cursor: str | None


class AlertTable:
    """Alerts by id. `together` makes writes that are independent."""

    def __init__(self, items: ItemStore, together: Together = one_by_one) -> None:
        self._items = items
        self._together = together

    def replace(self, source: str, month: str, alerts: Iterable[Alert]) -> None:
        """Have the alerts of a source's month be these. What was closed stays, and stays closed.

        Safe to repeat, and beside others who close alerts.
        """
        wanted = {str(alert["alert_id"]): alert for alert in alerts}
        found = {
            item.key.sort: item
            for item in self._items.query(_PARTITION, f"{month}-", f"{month}-~")
            if item.attributes["source"] == source
        }
        gone = [
            item
            for name, item in found.items()
            if name not in wanted and item.attributes["status"] == Status.OPEN
        ]
        self._together(partial(self._items.delete, item) for item in gone)
        self._together(
            partial(
                change,
                self._items,
                found.get(name, Item(Key(_PARTITION, name))),
                partial(_updated, {**alert, "source": source}),
            )
            for name, alert in wanted.items()
        )

    def close(self, name: str, reason: str, by: str | None, at: datetime) -> Alert:
        """Close an alert; returns it. To repeat it changes nothing.

        Raises UnknownAlertError and ClosedAlertError.
        """
        key = Key(_PARTITION, name)
        found = self._items.get([key]).get(key)
        if found is None:
            raise UnknownAlertError(name)

        def closed(item: Item) -> Item | None:
            if not item.version:
                raise UnknownAlertError(name)
            if item.attributes["status"] == Status.CLOSED:
                if item.attributes["reason"] != reason:
                    raise ClosedAlertError(str(item.attributes["closed_at"]))
                return None
            own = {
                "status": Status.CLOSED.value,
                "closed_at": at.astimezone(UTC).isoformat(),
                "closed_by": by,
                "reason": reason,
            }
            return replace(item, attributes={**item.attributes, **own})

        return change(self._items, found, closed).attributes

    def page(self, wanted: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` alerts after those of the pages before. Raises CursorError."""
        after = _Place.decoded(cursor) if cursor else None
        first, last = " ", "~"
        if wanted.day:
            first, last = f"{wanted.day}-", f"{wanted.day}-~"
        if after:
            last = min(last, f"{after.day}-~")
        found: list[Alert] = []
        for number, (day, alerts) in enumerate(self._days(first, last)):
            if number == _MOST_DAYS:
                return Page(found, _Place(day).encoded())
            for alert in alerts:
                if (after and _Place.of(alert) <= after) or not _is_wanted(alert, wanted):
                    continue
                if len(found) == limit:
                    return Page(found, _Place.of(found[-1]).encoded())
                found.append(alert)
        return Page(found, None)

    def _days(self, first: str, last: str) -> Iterator[tuple[str, list[Alert]]]:
        """Days from the newest on, each with its alerts in order."""
        items = self._items.query(_PARTITION, first, last, descending=True)
        for day, of_day in groupby(items, key=lambda item: item.key.sort[:10]):
            yield day, sorted((item.attributes for item in of_day), key=_Place.of)


def _updated(given: Alert, item: Item) -> Item | None:
    own = {field: item.attributes.get(field) for field in _OWN}
    attributes = {**given, **own, "status": own["status"] or Status.OPEN.value}
    same = dict(item.attributes) == attributes
    return None if same else replace(item, attributes=attributes)


def _is_wanted(alert: Alert, wanted: Filter) -> bool:
    return _probability(alert) >= wanted.min_probability and (
        wanted.status is None or alert["status"] == wanted.status
    )


def _probability(alert: Alert) -> float:
    return float(alert["probability"] or 0.0)


@total_ordering
@dataclass(frozen=True)
class _Place:
    """Where an alert is in the order of pages; without the rest, the beginning of a day."""

    day: str
    probability: float = inf
    alert_id: str = ""

    @classmethod
    def of(cls, alert: Alert) -> _Place:
        name = str(alert["alert_id"])
        return cls(name[:10], _probability(alert), name)

    def __lt__(self, other: _Place) -> bool:
        if self.day != other.day:
            return self.day > other.day
        return (-self.probability, self.alert_id) < (-other.probability, other.alert_id)

    def encoded(self) -> str:
        text = json.dumps([self.day, self.probability, self.alert_id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, cursor: str) -> _Place:
        try:
            padded = cursor.encode() + b"=" * (-len(cursor) % 4)
            day, probability, name = json.loads(base64.urlsafe_b64decode(padded))
            return cls(date.fromisoformat(day).isoformat(), float(probability), str(name))
        except (ValueError, TypeError) as error:
            raise CursorError("the cursor is not one that an answer ended with") from error
