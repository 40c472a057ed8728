"""Every chart is a valid Vega-Lite specification, and plain JSON."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from modelkit.charts import SCHEMA, Chart, Field, bar, heat_map, histogram, line

DAY = Field("day", "Day", "temporal")
SALES = Field("sales", "Sales (pieces)", number_format=",.0f")
SHOP = Field("shop", "Shop", "nominal")
DAYS = [
    {"day": date(2024, 1, day), "sales": day * 1.5, "low": day, "high": day * 2.0, "shop": "a"}
    for day in (1, 2, 3)
]
CHARTS = {
    "line": line("Sales", DAYS, DAY, SALES),
    "line with a gap": line("Sales", [*DAYS, {"day": date(2024, 1, 4), "sales": None}], DAY, SALES),
    "lines with intervals": line("Sales", DAYS, DAY, SALES, interval=("low", "high"), series=SHOP),
    "bar": bar("Sales", DAYS, SHOP, SALES),
    "stacked bar": bar("Sales", DAYS, SHOP, SALES, series=Field("day", "Day", "ordinal")),
    "histogram": histogram("Sales", [0, 1.5, 3], [4, 5], SALES),
    "heat map": heat_map("Sales", DAYS, DAY, SHOP, SALES),
    "correlations": heat_map("Correlation", DAYS, SHOP, SHOP, SALES, diverging=True),
    "empty": line("Sales", [], DAY, SALES),
}


@cache
def validator() -> jsonschema.Draft7Validator:
    text = files("altair").joinpath("vegalite/v6/schema/vega-lite-schema.json").read_text()
    return jsonschema.Draft7Validator(json.loads(text))


@pytest.mark.parametrize("name", CHARTS)
def test_it_is_valid(name: str) -> None:
    chart = json.loads(json.dumps(CHARTS[name], allow_nan=False))
    assert chart == CHARTS[name]
    assert [error.message for error in validator().iter_errors(chart)] == []


def test_the_schema_tells_a_wrong_chart() -> None:
    wrong: Chart = {**CHARTS["bar"], "mark": "pie chart"}
    assert list(validator().iter_errors(wrong))


def test_all_have_one_theme_and_the_version_of_the_schema() -> None:
    assert {chart["$schema"] for chart in CHARTS.values()} == {SCHEMA}
    assert "v6.json" in SCHEMA
    themes = [chart["config"] for chart in CHARTS.values()]
    assert all(theme == themes[0] for theme in themes)


def test_a_line_shows_its_interval() -> None:
    band, main = CHARTS["lines with intervals"]["layer"]
    assert band["encoding"]["y"]["field"] == "low"
    assert band["encoding"]["y2"]["field"] == "high"
    assert main["encoding"]["y"]["field"] == "sales"


def test_dates_are_iso_and_numbers_have_the_field_s_format() -> None:
    chart = CHARTS["line"]
    assert chart["data"]["values"][0]["day"] == "2024-01-01"
    assert chart["layer"][0]["encoding"]["y"]["axis"] == {"format": ",.0f"}


def test_the_rows_of_the_caller_are_not_changed() -> None:
    assert DAYS[0]["day"] == date(2024, 1, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"sales is .*; a chart needs finite numbers"):
        line("Sales", [{"day": date(2024, 1, 1), "sales": value}], DAY, SALES)


@pytest.mark.parametrize(
    ("edges", "counts"), [([0, 1], [1, 2]), ([0, 1, 1], [1, 2]), ([2, 1, 0], [1, 2]), ([], [])]
)
def test_a_histogram_needs_one_edge_more_than_counts(edges: Any, counts: Any) -> None:
    with pytest.raises(ValueError, match="ascending edges"):
        histogram("Sales", edges, counts, SALES)
