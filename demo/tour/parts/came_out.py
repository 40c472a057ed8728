"""What became of the rows: curated, quarantined, duplicates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from fleet import console
from tour.feed import source_of

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "What came out"
COLUMNS = ["rows in", "curated", "quarantined", "duplicates"]


def show(demo: Demo) -> Iterator[RenderableType]:
    """A line for each source, the account of all rows, and why rows were quarantined."""
    reports = demo.delivery.reports
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    tables: defaultdict[str, set[str]] = defaultdict(set)
    for report in reports:
        source = source_of(report["object_key"])
        counts[source].update(_counts(report))
        tables[source].update(name for name, rows in _curated(report).items() if rows)
    table = console.table(["source", "into"], COLUMNS[1:])
    for source, of_source in sorted(counts.items()):
        into = ", ".join(sorted(tables[source])) or "-"
        table.add_row(source, into, *(f"{of_source[column]:,}" for column in COLUMNS[1:]))
    yield table
    all_rows = sum(counts.values(), Counter())
    yield (
        f"{all_rows['rows in']:,} rows in = {all_rows['curated']:,} curated + "
        f"{all_rows['quarantined']:,} quarantined + {all_rows['duplicates']:,} exact duplicates, "
        f"{demo.delivery.seconds_to_reports:.1f} s from the first put to the last report"
    )
    if rejected := [report for report in reports if report["status"] != "curated"]:
        yield "\nFiles that were not curated:"
        for report in rejected:
            yield console.escape(f"  {report['object_key']}: {report.get('message', '')}")
    if reasons := _reasons(reports):
        yield "\nWhy rows were quarantined (a row may have several reasons):"
        for reason, count in reasons.most_common():
            yield f"  {count:>7,}  {reason}"


def _counts(report: dict[str, Any]) -> dict[str, int]:
    return {
        "rows in": report.get("rows_in", 0),
        "curated": sum(_curated(report).values()),
        "quarantined": report.get("rows_quarantined", 0),
        "duplicates": report.get("exact_duplicates", 0),
    }


def _curated(report: dict[str, Any]) -> dict[str, int]:
    """Rows by curated table."""
    rows: dict[str, int] = report.get("rows_curated", {})
    return rows


def _reasons(reports: list[dict[str, Any]]) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for report in reports:
        reasons.update(report.get("quarantine_reasons", {}))
    return reasons
