"""The routes of the API: request in, domain call, answer out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from demand_insights_engine import adapter, artefact, charts
from demand_insights_engine.schemas import (
    AssessedWeek,
    Assessment,
    Series,
    UnusualWeek,
    UnusualWeeks,
)
from demand_insights_engine.unusual_weeks.scores import assess
from lambda_app.http import HttpApp, ProblemError

app = HttpApp(title="demand-insights-engine", version="1.0.0")

Source = Annotated[str, Path(pattern="^[a-z0-9_-]+$", max_length=64, description="Source")]
Limit = Annotated[int, Query(ge=1, le=500, description="Most weeks in the answer")]


@app.post("/demand-insights-engine/assessments", summary="Assess the weeks of a series")
def assess_series(series: Series) -> Assessment:
    """Say of each week which demand is usual, and whether the week is unusual."""
    model = artefact.load()
    found = assess([week.units for week in series.weeks], model.parameters)
    weeks = [
        AssessedWeek(week=week.week, units=week.units, **vars(one))
        for week, one in zip(series.weeks, found, strict=True)
    ]
    return Assessment(model_version=model.version, weeks=weeks, chart=charts.assessment(weeks))


@app.get(
    "/demand-insights-engine/sources/<source>/unusual-weeks",
    summary="List the unusual weeks of a source",
)
def list_unusual_weeks(source: Source, limit: Limit = 20) -> UnusualWeeks:
    """Return what the batch found, the greatest deviation first."""
    from demand_insights_engine import insights

    rows = insights.read(adapter.storage(), adapter.api_settings().insights_bucket, source)
    if rows is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"There are no insights on source {source}.")
    greatest = rows.sort(rows["score"].abs(), descending=True, maintain_order=True).head(limit)
    weeks = [
        UnusualWeek(**row) for row in greatest.drop("model_version", "data_version").to_dicts()
    ]
    first = rows.row(0, named=True) if rows.height else {}
    return UnusualWeeks(
        source=source,
        model_version=first.get("model_version"),
        data_version=first.get("data_version"),
        weeks=weeks,
        chart=charts.ranking(source, weeks),
    )
