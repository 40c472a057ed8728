"""Outcomes of investigations in a table: all of them, as each counts from its own time on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from compliance_guardian.fraud.names import payment_id
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Verdicts
from datalake.items import Item, ItemChangedError, ItemStore, Key, Value

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class ContradictionError(Exception):
    """An investigation of the same time found the opposite."""


@dataclass(frozen=True)
class Investigation:
    """What an investigation found of a payment; of several, the newest counts."""

    payment: Payment
    is_fraud: bool
    investigated_at: datetime


class LabelTable:
    """Investigations by source and month of their payments."""

    def __init__(self, items: ItemStore) -> None:
        self._items = items

    def add(self, investigation: Investigation) -> bool:
        """Keep an investigation; False where it is there. Raises ContradictionError."""
        payment, is_fraud = investigation.payment, investigation.is_fraud
        at = investigation.investigated_at.astimezone(UTC).strftime(_TIME)
        month = payment.at.astimezone(UTC).strftime("%Y-%m")
        key = Key(f"{payment.source}/{month}", f"{payment_id(payment)}/{at}")
        attributes: dict[str, Value] = {
            "identity": str(payment.identity),
            "at": at,
            "is_fraud": is_fraud,
        }
        try:
            self._items.put(Item(key, attributes))
        except ItemChangedError:
            if self._items.get([key])[key].attributes["is_fraud"] != is_fraud:
                raise ContradictionError(
                    f"another investigation at {at} found the opposite"
                ) from None
            return False
        return True

    def verdicts(self, source: str, months: Iterable[str]) -> Verdicts:
        """What was found of the payments of months, in the order of time."""
        found: defaultdict[int, list[tuple[datetime, bool]]] = defaultdict(list)
        for month in months:
            for item in self._items.query(f"{source}/{month}"):
                at = datetime.strptime(str(item.attributes["at"]), _TIME).replace(tzinfo=UTC)
                identity = int(str(item.attributes["identity"]))
                found[identity].append((at, bool(item.attributes["is_fraud"])))
        return dict(found)
