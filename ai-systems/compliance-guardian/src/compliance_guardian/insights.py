"""From the findings in an object to the rows of its insights tables, with no number in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from compliance_guardian.objects.reader import Totals
from compliance_guardian.objects.results import Located, UnreadableError
from compliance_guardian.pci.redaction import redacted_text
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
    COMPLIANCE_TABLES,
    InsightsTable,
)
from datalake.layout import UNMAPPED, Partition, object_id
from datalake.policies import Policy, policy_of
from datalake.storage import ObjectInfo, ObjectStorage
from lambda_app.insights import InsightsFile

RAW, INBOX = "raw", "inbox"

MAX_FINDINGS = 10_000
"""Most findings of one object that are listed; the others are counted."""
_MAX_FIELDS = 1_000
_OTHER_FIELDS = "(other fields)"


def source_of(key: str) -> str:
    """The source of a raw key `<source>/…`, if the name could be one."""
    source = key.partition("/")[0]
    is_name = "/" in key and source.isascii() and source.replace("-", "").replace("_", "").isalnum()
    is_safe = source == source.lower() and redacted_text(source) == source
    return source if is_name and is_safe else UNMAPPED


def key_hash(key: str) -> str:
    """What names an object where its key, which may hold a number, must not stand."""
    return object_id(key).rpartition("-")[2]


@dataclass(frozen=True)
class Origin:
    """The object that rows are on: `bucket` is the catalogue's name, `info` its state."""

    bucket: str
    key: str
    info: ObjectInfo

    @property
    def policy(self) -> Policy:
        """The policy of its source."""
        return policy_of(source_of(self.key))

    def data_version(self, *others: str) -> str:
        """A hash of the object's key, its ETag, its bucket, the policy, and what else matters."""
        policy = self.policy
        parts = (self.key, self.info.etag, self.bucket, policy.action, *sorted(policy.kinds))
        return hashlib.sha256("\n".join((*parts, *others)).encode()).hexdigest()[:16]


def partition(table: InsightsTable, bucket: str, key: str) -> Partition:
    """Where the rows on an object are."""
    prefix = "" if bucket == RAW else f"{bucket}-"
    return Partition(table, source_of(key), f"{prefix}{key_hash(key)}")


class Collected:
    """The findings of one object while they are read, in bounded memory."""

    def __init__(self) -> None:
        self._rows: list[dict[str, object]] = []
        self._findings: Counter[tuple[str, str, str]] = Counter()
        self._rows_found: Counter[tuple[str, str, str]] = Counter()
        self._last_row: dict[tuple[str, str, str], int] = {}
        # Many findings are in few fields.
        self._redacted = lru_cache(_MAX_FIELDS)(redacted_text)
        self.totals = Totals()
        self.problem: str | None = None

    @property
    def count(self) -> int:
        """Findings so far."""
        return self._findings.total()

    def add_all(self, located: Iterable[Located]) -> None:
        """Read findings up to the end, or to where the object cannot be read."""
        try:
            for one in located:
                self._add(one)
        except UnreadableError as error:
            self.problem = str(error)

    def _add(self, located: Located) -> None:
        finding = located.finding
        field, member = self._redacted(located.field)[:200], self._redacted(located.member)[:500]
        place = (member, field, finding.kind.value)
        if place not in self._findings and len(self._findings) >= _MAX_FIELDS:
            place = (member, _OTHER_FIELDS, finding.kind.value)
        self._findings[place] += 1
        if located.row is not None and self._last_row.get(place) != located.row:
            self._last_row[place] = located.row
            self._rows_found[place] += 1
        if len(self._rows) >= MAX_FINDINGS:
            return
        reasons = (f"{one.reason}: {one.detail} {one.weight:+.1f}" for one in finding.evidence)
        self._rows.append(
            {
                "finding": len(self._rows) + 1,
                "member": member,
                "kind": finding.kind.value,
                "masked": finding.masked,
                "confidence": finding.confidence,
                "evidence": "; ".join(reasons),
                "field": field,
                "row": located.row,
                "byte": located.byte,
                "line": located.line,
                "column": located.column,
            }
        )

    def tables(
        self, origin: Origin, outcome: str, problem: str | None = None
    ) -> Mapping[InsightsTable, pl.DataFrame]:
        """The rows of each table without the versions, in the order in which they are written.

        `problem` says why the object was blocked.
        """
        rows = self.totals.rows
        policy = origin.policy
        place_of = {"bucket": origin.bucket, "key": redacted_text(origin.key)}
        fields = [
            {
                **place_of,
                "member": place[0],
                "field": place[1],
                "kind": place[2],
                "findings": found,
                "rows_found": self._rows_found[place],
                "rows": rows,
                "share": min(self._rows_found[place] / rows, 1.0) if rows else None,
            }
            for place, found in sorted(self._findings.items())
        ]
        scan = {
            **place_of,
            "delivered_at": origin.info.modified,
            "policy": policy.action,
            "outcome": outcome,
            "size": origin.info.size,
            "files": self.totals.files,
            "scanned": self.totals.size,
            "rows": rows,
            "findings": self.count,
            "protected": sum(
                found for place, found in self._findings.items() if place[2] in policy.kinds
            ),
            "is_complete": self.problem is None,
            "problem": self.problem or problem,
        }
        return {
            COMPLIANCE_FINDINGS: COMPLIANCE_FINDINGS.frame(
                [{**place_of, **row} for row in self._rows]
            ),
            COMPLIANCE_FIELDS: COMPLIANCE_FIELDS.frame(fields),
            COMPLIANCE_SCANS: COMPLIANCE_SCANS.frame([scan]),
        }

    def listed(self, most: int) -> list[Mapping[str, object]]:
        """The first findings, without what names the object."""
        return list(self._rows[:most])


@dataclass(frozen=True)
class Files:
    """The insights on one object, as they were before the object was looked at."""

    by_table: Mapping[InsightsTable, InsightsFile]

    @classmethod
    def open(cls, storage: ObjectStorage, insights_bucket: str, bucket: str, key: str) -> Files:
        """Look at the files."""
        return cls(
            {
                table: InsightsFile.open(
                    storage, insights_bucket, partition(table, bucket, key).data_key, table
                )
                for table in COMPLIANCE_TABLES
            }
        )

    def are_of(self, versions: Mapping[str, str]) -> bool:
        """Whether all was written with these versions: the table of scans is written last."""
        return self.by_table[COMPLIANCE_SCANS].is_of(**versions)

    def write(
        self, tables: Mapping[InsightsTable, pl.DataFrame], versions: Mapping[str, str]
    ) -> None:
        """Write the rows. Raises PreconditionFailedError where another invocation wrote."""
        for table, rows in tables.items():
            self.by_table[table].write(rows, **versions)
