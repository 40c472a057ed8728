"""Drift between the objects of one source, from the summaries in their reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from modelkit.drift import Bins, population_stability_index

REFERENCE_OBJECTS = 12
"""An object is compared with the sum of so many objects before it: a year of monthly files."""


def drift(reports: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each object of a source, in the order of the times that they cover.

    `reports` are data-quality reports in any order, of which those with orders in their `quality`
    section count. The result depends on nothing but their content: an object that arrives late
    takes its place, and the entries after it change. Columns: {"psi": …, "level": "stable" |
    "moved" | "shifted"}; the first object has none, for there is nothing to compare it with.
    """
    objects = sorted(
        (report for report in reports if _orders(report).get("rows")), key=_place_in_time
    )
    columns = [_columns(_orders(report)) for report in objects]
    entries = []
    for index, report in enumerate(objects):
        reference = columns[max(0, index - REFERENCE_OBJECTS) : index]
        entries.append(
            {
                "object_id": report["object_id"],
                "time_range": _orders(report)["time_range"],
                "rows": _orders(report)["rows"],
                "reference_objects": len(reference),
                "columns": _compare(columns[index], reference) if reference else {},
            }
        )
    return entries


def _orders(report: Mapping[str, Any]) -> Mapping[str, Any]:
    orders: Mapping[str, Any] = (report.get("quality") or {}).get("orders") or {}
    return orders


def _place_in_time(report: Mapping[str, Any]) -> tuple[str, str, str]:
    time_range = _orders(report)["time_range"]
    return time_range["min"], time_range["max"], report["object_id"]


def _columns(orders: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Bins and their rows, for each thing that is watched."""
    rows = orders["rows"]
    columns = {
        name: {str(bin_): count for bin_, count in enumerate(orders[name]["histogram"]["counts"])}
        for name in ("unit_price", "quantity")
    }
    columns["line_type"] = dict(orders["line_types"])
    columns["country"] = dict(orders["countries"])
    columns["is_outlier"] = _shares(orders["outliers"], rows)
    for name in ("description", "customer_id"):
        columns[f"{name} is null"] = _shares(orders["null_counts"].get(name, 0), rows)
    return columns


def _shares(count: int, rows: int) -> dict[str, int]:
    return {"yes": count, "no": rows - count}


def _compare(
    current: Mapping[str, Bins], reference: Sequence[Mapping[str, Bins]]
) -> dict[str, dict[str, Any]]:
    result = {}
    for name, bins in current.items():
        pooled: Counter[str] = Counter()
        for earlier in reference:
            pooled.update(earlier[name])
        stability = population_stability_index(bins, pooled)
        result[name] = {"psi": round(stability.index, 4), "level": stability.level}
    return result
