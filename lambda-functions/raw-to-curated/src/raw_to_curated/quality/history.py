"""Drift between the objects of one source, from the summaries in their reports.

The measure is the population stability index, Σ (p - q) ln(p / q) over the bins of a column, with
the limits in common use: below 0.1 stable, from 0.25 on shifted (Siddiqi, Credit Risk Scorecards,
2006). With few rows chance alone exceeds these limits: PSI · nm / (n + m) is then roughly χ² with
bins - 1 degrees of freedom (Yurdakul and Naranjo, Statistical properties of the population
stability index, 2020). A column is therefore called moved or shifted only if its PSI is beyond
the 99.9 % quantile of that distribution as well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOVED = 0.1
SHIFTED = 0.25
REFERENCE_OBJECTS = 12
"""An object is compared with the sum of so many objects before it: a year of monthly files."""

_HALF = 0.5  # added to each count, so that an empty bin has a logarithm
_NORMAL_QUANTILE = 3.090  # of 99.9 %

Bins = Mapping[str, int]


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
        index, noise = population_stability_index(bins, pooled)
        level = "stable"
        if index >= max(MOVED, noise):
            level = "shifted" if index >= SHIFTED else "moved"
        result[name] = {"psi": round(index, 4), "level": level}
    return result


def population_stability_index(current: Bins, reference: Bins) -> tuple[float, float]:
    """The index, and how great chance alone makes it in one case of a thousand."""
    bins = sorted(
        bin_ for bin_ in {*current, *reference} if current.get(bin_, 0) or reference.get(bin_, 0)
    )
    rows, reference_rows = sum(current.values()), sum(reference.values())
    if len(bins) < 2 or not rows or not reference_rows:
        return 0.0, 0.0
    index = 0.0
    for bin_ in bins:
        share = (current.get(bin_, 0) + _HALF) / (rows + _HALF * len(bins))
        expected = (reference.get(bin_, 0) + _HALF) / (reference_rows + _HALF * len(bins))
        index += (share - expected) * math.log(share / expected)
    return index, (1 / rows + 1 / reference_rows) * _chi_square_quantile(len(bins) - 1)


def _chi_square_quantile(degrees: int) -> float:
    """The 99.9 % quantile, by the approximation of Wilson and Hilferty (1931)."""
    spread = 2 / (9 * degrees)
    return degrees * float((1 - spread + _NORMAL_QUANTILE * math.sqrt(spread)) ** 3)
