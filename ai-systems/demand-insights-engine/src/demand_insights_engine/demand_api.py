"""The routes on demand: forecasts of stored series, and of series in a request."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

import numpy as np
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from demand_insights_engine import adapter, charts
from demand_insights_engine.demand_schemas import (
    ForecastAnswer,
    ForecastRequest,
    Method,
    Step,
    StoredForecast,
)
from demand_insights_engine.version import methods_version
from forecasting.forecast import NO_VALUES, Forecast, forecast
from lambda_app.http import HttpRouter, ProblemError

router = HttpRouter()

Source = Annotated[str, Path(pattern="^[a-z0-9_-]+$", max_length=64, description="Source")]
Level = Annotated[
    Literal["product", "group", "total"], Query(description="What the demand is summed over")
]
Name = Annotated[str, Query(max_length=200, description="Product code, or name of the group")]
Currency = Annotated[
    str | None, Query(pattern="^[A-Z]{3}$", description="Needed where a source has several")
]


@router.post("/demand/forecasts", summary="Forecast a series")
def forecast_series(request: ForecastRequest) -> ForecastAnswer:
    """Say what to expect of the values to come, and how well that worked on earlier ones."""
    history = np.array([[np.nan if value is None else value for value in request.values]])
    period = request.frequency.period
    try:
        found = forecast(
            history,
            request.horizon,
            (period,) if period > 1 else (),
            is_demand=request.is_demand,
            has_boosting=False,
        )
    except ValueError as error:
        raise _unprocessable(str(error), "/values") from error
    if found.warnings[0] == NO_VALUES:
        raise _unprocessable(NO_VALUES, "/values")
    steps = _steps(found)
    return ForecastAnswer(
        model_version=methods_version(),
        method=_method(found),
        steps=steps,
        chart=charts.forecast(request.values, steps),
    )


@router.get("/demand/<source>/forecast", summary="The forecast of a product, a group or all")
def read_forecast(
    source: Source, level: Level = "total", name: Name = "all", currency: Currency = None
) -> StoredForecast:
    """What the batch expects of the weeks after the last full one."""
    from demand_insights_engine import stored

    found = stored.forecast(
        adapter.storage(), adapter.api_settings().insights_bucket, source, level, name, currency
    )
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"There is no forecast of {level} {name} of source {source}. The batch makes one when "
            "the source's demand changes, of what is offered in its last full week.",
        )
    return found


def _steps(found: Forecast) -> list[Step]:
    names = [f"q{round(100 * level):02d}" for level in found.levels]
    return [
        Step(
            step=index + 1,
            mean=found.mean[0, index],
            median=found.median[0, index],
            quantiles=dict(zip(names, found.quantiles[0, index].tolist(), strict=True)),
            baseline=found.baseline[0, index],
        )
        for index in range(found.median.shape[1])
    ]


def _method(found: Forecast) -> Method:
    def known(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    return Method(
        pattern=found.classes[0],
        members=list(found.members[0]),
        is_baseline=bool(found.baseline_wins[0]),
        error=known(found.error[0]),
        baseline_error=known(found.baseline_error[0]),
        warning=found.warnings[0] or None,
    )


def _unprocessable(detail: str, pointer: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"The series cannot be forecast: {detail}.",
        errors=[{"detail": detail, "pointer": pointer}],
    )
