"""Answers as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from demand_insights_engine.demand_schemas import PastStep, Step
from modelkit import charts
from modelkit.charts import Chart, Field

_SHOWN = 104
"""Values of the past beside a forecast."""


def forecast(values: Sequence[float | None], steps: Sequence[Step]) -> Chart:
    """The last values, and the median of those to come in the band of their 90 % interval."""
    shown = values[-_SHOWN:]
    past: list[charts.Row] = [
        {"place": place - len(shown) + 1, "value": value, "lower": value, "upper": value}
        for place, value in enumerate(shown)
    ]
    future: list[charts.Row] = [
        {
            "place": step.step,
            "value": step.median,
            "lower": step.quantiles["q05"],
            "upper": step.quantiles["q95"],
        }
        for step in steps
    ]
    return charts.line(
        "Values and their forecast",
        [*past, *future],
        Field("place", "Places after the last value"),
        Field("value", "Value"),
        interval=("lower", "upper"),
    )


def weeks(name: str, steps: Sequence[Step]) -> Chart:
    """The median of the weeks to come in the band of their 90 % interval."""
    return _expected(name, [(step.week, step) for step in steps], "Week from Monday")


def days(name: str, steps: Sequence[Step]) -> Chart:
    """The median of the days to come in the band of their 90 % interval."""
    return _expected(name, [(step.day, step) for step in steps], "Day")


def _expected(name: str, steps: Sequence[tuple[date | None, Step]], title: str) -> Chart:
    rows: list[charts.Row] = [
        {
            "start": start,
            "units": step.median,
            "lower": step.quantiles["q05"],
            "upper": step.quantiles["q95"],
        }
        for start, step in steps
    ]
    return charts.line(
        f"Demand expected of {name}",
        rows,
        Field("start", title, "temporal"),
        Field("units", "Units"),
        interval=("lower", "upper"),
    )


def backtest(name: str, steps: Sequence[PastStep]) -> Chart:
    """Earlier values beside what was forecast of them, and the baseline."""
    rows: list[charts.Row] = [
        {"place": place, "series": series, "value": value}
        for place, step in enumerate(steps, start=1)
        for series, value in (
            ("actual", step.actual),
            ("forecast", step.forecast),
            ("seasonal naive", step.baseline),
        )
        if value is not None
    ]
    return charts.line(
        f"Earlier values of {name} and their forecasts",
        rows,
        Field("place", "Earlier values, the last one last"),
        Field("value", "Value"),
        series=Field("series", "Series", "nominal"),
    )
