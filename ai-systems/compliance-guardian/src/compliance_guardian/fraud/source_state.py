"""The state of a source: its payments by month, and the results of their investigations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, time

from compliance_guardian.fraud.label_table import LabelTable
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.replay import Verdicts
from datalake.contracts.prod import MERGED_TRANSACTIONS
from datalake.periods import end_day, shift
from datalake.snapshot import Snapshot, data_version

LOOKBACK_MONTHS = 4
"""How far features reach: 35 days back to the frauds at a terminal, and from there 60 days to what
was typical of who paid. These 95 days before the first of May lie in January."""

LABEL_MONTHS = 2
"""How far back labels count: 37 days before the first of March lie in January."""


class SourceState:
    """A source's payments up to the month of `today`, as they were when first looked at.

    `ahead` are months after that: a payment dated years ahead would push all others out of the
    histories.
    """

    def __init__(self, snapshot: Snapshot, labels: LabelTable, today: datetime) -> None:
        self.source = snapshot.source
        self._snapshot = snapshot
        self._labels = labels
        self._verdicts: dict[str, Verdicts] = {}
        current = f"{today:%Y-%m}"
        months = snapshot.existing(MERGED_TRANSACTIONS)
        self._months = [month for month in months if month <= current]
        self.ahead = months[len(self._months) :]

    @property
    def newest(self) -> str | None:
        """The newest month, if there is any."""
        return self._months[-1] if self._months else None

    def between(self, first: str, last: str) -> list[str]:
        """The months from `first` to `last`, both included, in order."""
        return [month for month in self._months if first <= month <= last]

    def reached(self, months: Iterable[str]) -> list[str]:
        """Months whose insights may follow from payments of these months, in order."""
        found: set[str] = set()
        for month in months:
            before = self.between("", shift(month, -1))[-1:]
            found.update(before, self.between(month, shift(month, LOOKBACK_MONTHS)))
        return sorted(found)

    def payments(self, month: str) -> PaymentRows:
        """The payments of a month. Raises ChangedError."""
        rows = self._snapshot.rows(MERGED_TRANSACTIONS, [month])
        return PaymentRows.of(self.source, rows)

    def verdicts(self, months: Collection[str]) -> Verdicts:
        """What investigations found of the payments of months."""
        for month in months:
            if month not in self._verdicts:
                self._verdicts[month] = self._labels.verdicts(self.source, [month])
        found = (self._verdicts[month] for month in months)
        return {identity: told for of_month in found for identity, told in of_month.items()}

    def known_until(self, month: str) -> datetime:
        """The time of the newest payment of a month and the one after it: up to when labels of the
        month are known."""
        time = self._snapshot.rows(
            MERGED_TRANSACTIONS, [month, *self._after(month)], ("transacted_at",)
        )["transacted_at"]
        newest = time.dt.replace_time_zone(None).max()
        if isinstance(newest, datetime):
            return newest.replace(tzinfo=UTC)
        return _end(month)

    def version_of_scores(self, month: str, decided_by: Sequence[float]) -> str:
        """A hash of what the scores and alerts of a month follow from.

        `decided_by` is what alerts depend on beside the model.
        """
        inputs = self._snapshot.partitions(
            MERGED_TRANSACTIONS, self.between(shift(month, -LOOKBACK_MONTHS), month)
        )
        verdicts = self.verdicts(self.between(shift(month, -LABEL_MONTHS), month))
        return _hash(data_version(inputs), _told(verdicts, _end(month)), decided_by)

    def version_of_monitoring(self, month: str, scores: str) -> str:
        """A hash of what the monitoring of a month follows from; `scores` is that of its scores."""
        inputs = self._snapshot.partitions(MERGED_TRANSACTIONS, [month, *self._after(month)])
        return _hash(scores, data_version(inputs), _told(self.verdicts([month])))

    def _after(self, month: str) -> list[str]:
        return [later for later in self._months if later > month][:1]


def _end(month: str) -> datetime:
    return datetime.combine(end_day(month), time(), UTC)


def _told(verdicts: Verdicts, before: datetime | None = None) -> list[list[object]]:
    """Verdicts, or those known before a time, in the order of payments."""
    return [
        [identity, known_at.isoformat(), is_fraud]
        for identity, found in sorted(verdicts.items())
        for known_at, is_fraud in found
        if before is None or known_at < before
    ]


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
