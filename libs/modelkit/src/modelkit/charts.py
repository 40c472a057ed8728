"""Charts as Vega-Lite specifications: plain data that a console or a notebook draws.

All have one theme. Colours are those of Okabe and Ito (Color Universal Design, 2008), which people
with colour vision deficiency can tell apart; heat maps use viridis, or a diverging scheme about 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal, TypeAlias

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Row: TypeAlias = Mapping[str, str | int | float | bool | date | None]
Chart: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["quantitative", "temporal", "ordinal", "nominal"]

_BLUE = "#0072B2"
_THEME: Chart = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "range": {
        "category": [
            _BLUE,
            "#D55E00",
            "#009E73",
            "#CC79A7",
            "#E69F00",
            "#56B4E9",
            "#F0E442",
            "#000000",
        ]
    },
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "grid": True, "gridOpacity": 0.4},
    "legend": {"labelFontSize": 12, "titleFontSize": 12},
    "title": {"fontSize": 14, "anchor": "start"},
    "view": {"stroke": None},
    "line": {"strokeWidth": 2},
}


@dataclass(frozen=True)
class Field:
    """A column of the rows: its title with the unit, its kind, and a d3 format of its numbers."""

    name: str
    title: str
    kind: Kind = "quantitative"
    number_format: str | None = None


def line(
    title: str,
    rows: Sequence[Row],
    x: Field,
    y: Field,
    *,
    interval: tuple[str, str] | None = None,
    series: Field | None = None,
) -> Chart:
    """Lines of `y` over `x`, one for each value of `series`.

    `interval` names the columns with the lower and the upper bound of a band around the line.
    """
    colour = {"color": _encoding(series)} if series else {}
    shared = {"x": _encoding(x), **colour}
    layers: list[Chart] = []
    if interval:
        lower, upper = interval
        band = {
            "y": {"field": lower, "type": "quantitative", "title": y.title},
            "y2": {"field": upper},
        }
        layers.append({"mark": {"type": "area", "opacity": 0.25}, "encoding": band})
    layers.append(
        {
            "mark": {"type": "line", "tooltip": True},
            "encoding": {"y": {**_encoding(y), "scale": {"zero": False}}},
        }
    )
    return _chart(title, rows, {"encoding": shared, "layer": layers})


def bar(
    title: str, rows: Sequence[Row], category: Field, value: Field, *, series: Field | None = None
) -> Chart:
    """Horizontal bars, in the order of the rows; stacked by `series` if there is one."""
    encoding = {"y": {**_encoding(category), "sort": None}, "x": _encoding(value)}
    if series:
        encoding["color"] = _encoding(series)
    return _chart(title, rows, {"mark": {"type": "bar", "tooltip": True}, "encoding": encoding})


def histogram(
    title: str, edges: Sequence[float], counts: Sequence[int], x: Field, *, y: str = "Rows"
) -> Chart:
    """Bars between `edges`, as numpy.histogram gives them: one edge more than `counts`.

    Raises ValueError for any other number of edges, or edges that do not ascend.
    """
    if len(edges) != len(counts) + 1 or any(a >= b for a, b in pairwise(edges)):
        raise ValueError(f"{len(counts)} counts need {len(counts) + 1} ascending edges")
    rows = [
        {"from": start, "to": end, "count": count}
        for (start, end), count in zip(pairwise(edges), counts, strict=True)
    ]
    axis = {"axis": {"format": x.number_format}} if x.number_format else {}
    encoding = {
        "x": {
            "field": "from",
            "type": "quantitative",
            "bin": {"binned": True},
            "title": x.title,
            **axis,
        },
        "x2": {"field": "to"},
        "y": {"field": "count", "type": "quantitative", "title": y},
    }
    return _chart(title, rows, {"mark": {"type": "bar", "tooltip": True}, "encoding": encoding})


def heat_map(
    title: str, rows: Sequence[Row], x: Field, y: Field, value: Field, *, diverging: bool = False
) -> Chart:
    """One cell for each row, coloured by `value`; axes in the order of the rows.

    `diverging` colours about 0, for correlations and differences.
    """
    scale: Chart = (
        {"scheme": "purpleorange", "domainMid": 0} if diverging else {"scheme": "viridis"}
    )
    encoding = {
        "x": {**_encoding(x), "sort": None},
        "y": {**_encoding(y), "sort": None},
        "color": {**_encoding(value, "legend"), "scale": scale},
    }
    return _chart(title, rows, {"mark": {"type": "rect", "tooltip": True}, "encoding": encoding})


def _chart(title: str, rows: Sequence[Row], body: Chart) -> Chart:
    return {
        "$schema": SCHEMA,
        "title": title,
        "width": "container",
        "config": _THEME,
        "data": {"values": [_values(row) for row in rows]},
        **body,
    }


def _encoding(field: Field, guide: Literal["axis", "legend"] = "axis") -> Chart:
    encoding: Chart = {"field": field.name, "type": field.kind, "title": field.title}
    if field.number_format:
        encoding[guide] = {"format": field.number_format}
    return encoding


def _values(row: Row) -> Chart:
    """The row as JSON has it. Raises ValueError for NaN and infinity, which JSON does not have."""
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} is {value}; a chart needs finite numbers, or None for a gap")
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()
    }
