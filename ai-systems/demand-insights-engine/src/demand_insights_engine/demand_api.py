"""The routes on demand: forecasts and backtests of stored series, and of series in a request."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import numpy as np

from demand_insights_engine import artefact, charts, stored
from demand_insights_engine.demand_schemas import (
    Backtest,
    Components,
    DailyForecast,
    ForecastAnswer,
    Method,
    PastStep,
    Series,
    Step,
    StoredBacktest,
    StoredForecast,
)
from demand_insights_engine.parameters import Currency, Level, Name, Source
from demand_insights_engine.version import methods_version
from forecasting.forecast import NO_VALUES, Forecast, forecast
from lambda_app.http import HttpRouter, ProblemError

router = HttpRouter()

_SERIES = "The series of the request"


@router.post("/demand/forecasts", summary="Forecast a series")
def forecast_series(request: Series) -> ForecastAnswer:
    """Say what to expect of the values to come, and how well that worked on earlier ones."""
    found = _forecast(request)
    steps = _steps(found)
    return ForecastAnswer(
        model_version=methods_version(),
        method=_method(found),
        components=_components(found),
        steps=steps,
        chart=charts.forecast(request.values, steps),
    )


@router.post("/demand/backtests", summary="Backtest a series")
def backtest_series(request: Series) -> Backtest:
    """Forecast the last values of a series again, each time from the values before only."""
    found = _forecast(request)
    method, steps = _method(found), _past_steps(found)
    return Backtest(
        model_version=methods_version(),
        method=method,
        value_added=method.value_added,
        steps=steps,
        chart=charts.backtest(_SERIES, steps),
    )


@router.get("/demand/<source>/forecast", summary="The forecast of a product, a group or all")
def read_forecast(
    source: Source, level: Level = "total", name: Name = "all", currency: Currency = None
) -> StoredForecast:
    """What the batch expects of the weeks after the last full one."""
    from demand_insights_engine import demand_stored

    read = partial(demand_stored.forecast, source=source, level=level, name=name, currency=currency)
    return stored.answer(read, f"forecast of {level} {name} of source {source}")


@router.get("/demand/<source>/backtest", summary="The backtest of a product, a group or all")
def read_backtest(
    source: Source, level: Level = "total", name: Name = "all", currency: Currency = None
) -> StoredBacktest:
    """What the methods of a forecast said of earlier weeks, and what came."""
    from demand_insights_engine import demand_stored

    read = partial(demand_stored.backtest, source=source, level=level, name=name, currency=currency)
    return stored.answer(read, f"forecast of {level} {name} of source {source}")


@router.get("/demand/<source>/days", summary="The daily forecast of a product, a group or all")
def read_days(
    source: Source, level: Level = "total", name: Name = "all", currency: Currency = None
) -> DailyForecast:
    """What the batch expects of each day of the next four weeks."""
    from demand_insights_engine import demand_stored

    read = partial(demand_stored.days, source=source, level=level, name=name, currency=currency)
    return stored.answer(read, f"daily forecast of {level} {name} of source {source}")


def _forecast(request: Series) -> Forecast:
    history = np.array([[np.nan if value is None else value for value in request.values]])
    period = request.frequency.period
    periods = (period,) if period > 1 else ()
    try:
        found = forecast(
            history,
            request.horizon,
            periods,
            is_demand=request.is_demand,
            has_boosting=False,
            prior=artefact.load().prior,
        )
    except ValueError as error:
        raise _unprocessable(str(error)) from error
    if found.warnings[0] == NO_VALUES:
        raise _unprocessable(NO_VALUES)
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


def _past_steps(found: Forecast) -> list[PastStep]:
    past = found.past
    return [
        PastStep(
            step=step + 1,
            actual=_known(past.actual[0, origin, step]),
            forecast=past.median[0, origin, step],
            baseline=past.baseline[0, origin, step],
        )
        for origin in range(past.actual.shape[1])
        for step in range(past.actual.shape[2])
        if not np.isnan(past.median[0, origin, step])
    ]


def _method(found: Forecast) -> Method:
    return Method(
        pattern=found.classes[0],
        members=list(found.members[0]),
        is_baseline=bool(found.baseline_wins[0]),
        error=_known(found.error[0]),
        baseline_error=_known(found.baseline_error[0]),
        warning=found.warnings[0] or None,
    )


def _components(found: Forecast) -> Components:
    parts = found.components
    return Components(
        level=parts.level[0],
        trend=_known(parts.trend[0]),
        last_error=_known(parts.last_error[0]),
        season=parts.season[0].tolist(),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _unprocessable(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"The series cannot be forecast: {detail}.",
        errors=[{"detail": detail, "pointer": "#/values"}],
    )
