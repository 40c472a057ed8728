"""From the findings in an object to the rows of its insights tables, with no number in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from compliance_guardian.objects.reader import Totals
from compliance_guardian.objects.results import Located, UnreadableError
from compliance_guardian.pci.redaction import redacted_text
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
    VERSION_COLUMNS,
    InsightsTable,
)
from datalake.layout import UNMAPPED, Partition, object_id

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


def partition(table: InsightsTable, key: str) -> Partition:
    """Where the rows on a raw object are: under the hash of its key, which may hold a number."""
    return Partition(table, source_of(key), object_id(key).rpartition("-")[2])


class Collected:
    """The findings of one object while they are read, in bounded memory."""

    def __init__(self, key: str, size: int) -> None:
        self._key = redacted_text(key)
        self._size = size
        self._rows: list[dict[str, object]] = []
        self._findings: Counter[tuple[str, str, str]] = Counter()
        self._rows_found: Counter[tuple[str, str, str]] = Counter()
        self._last_row: dict[tuple[str, str, str], int] = {}
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
        field, member = redacted_text(located.field)[:200], redacted_text(located.member)[:500]
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
                "key": self._key,
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

    def tables(self) -> Mapping[InsightsTable, pl.DataFrame]:
        """The rows of each table without the versions, in the order in which they are written."""
        rows = self.totals.rows
        fields = [
            {
                "key": self._key,
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
            "key": self._key,
            "size": self._size,
            "files": self.totals.files,
            "scanned": self.totals.size,
            "rows": rows,
            "findings": self.count,
            "is_complete": self.problem is None,
            "problem": self.problem,
        }
        return {
            COMPLIANCE_FINDINGS: _frame(COMPLIANCE_FINDINGS, self._rows),
            COMPLIANCE_FIELDS: _frame(COMPLIANCE_FIELDS, fields),
            COMPLIANCE_SCANS: _frame(COMPLIANCE_SCANS, [scan]),
        }


def _frame(table: InsightsTable, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    versions = {column.name for column in VERSION_COLUMNS}
    schema = {name: dtype for name, dtype in table.schema.items() if name not in versions}
    return pl.DataFrame(rows, schema=schema)
