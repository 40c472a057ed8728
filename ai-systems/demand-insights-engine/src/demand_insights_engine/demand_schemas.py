"""Requests and answers of the routes on demand."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

MAX_VALUES = 5_000
MAX_HORIZON = 104
MAX_VALUE = 1e15
# Powertools makes the text of every request for its debug log, also where nobody reads it.
_Many = Field(
    min_length=1,
    max_length=MAX_VALUES,
    repr=False,
    description="In order of time, the last one last; null where a value is unknown",
)

Value = Annotated[FiniteFloat, Field(ge=-MAX_VALUE, le=MAX_VALUE)]


class Frequency(StrEnum):
    """How often a series has a value."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def period(self) -> int:
        """Values in a season."""
        return _PERIODS[self]


_PERIODS = {
    Frequency.HOURLY: 24,
    Frequency.DAILY: 7,
    Frequency.WEEKLY: 52,
    Frequency.MONTHLY: 12,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 1,
}


class Series(BaseModel):
    """A series to forecast."""

    model_config = ConfigDict(extra="forbid")

    frequency: Frequency
    values: Annotated[list[Value | None], _Many]
    horizon: Annotated[int, Field(ge=1, le=MAX_HORIZON, description="Values to forecast")] = 13
    is_demand: Annotated[bool, Field(description="Whether values can never be negative")] = True


class Step(BaseModel):
    """The forecast of a value to come."""

    step: Annotated[int, Field(description="Places after the last value, from 1")]
    week: Annotated[date | None, Field(description="Monday of the week, of a stored series")] = None
    day: Annotated[date | None, Field(description="Of a stored series of days")] = None
    mean: Annotated[FiniteFloat, Field(description="Expected value: what sums and orders need")]
    median: Annotated[FiniteFloat, Field(description="Value that is as often too high as too low")]
    quantiles: Annotated[
        dict[str, FiniteFloat], Field(description="By name: q05 is exceeded in 95 % of all cases")
    ]
    baseline: Annotated[FiniteFloat, Field(description="The seasonal naive forecast")]


class Method(BaseModel):
    """How a series was forecast, and how well that worked on its past."""

    pattern: Annotated[str, Field(description="Pattern of the demand (Syntetos and Boylan)")]
    members: Annotated[list[str], Field(description="Methods whose median the forecast is")]
    is_baseline: Annotated[bool, Field(description="Nothing beat the seasonal naive forecast")]
    error: Annotated[
        FiniteFloat | None, Field(description="Mean absolute scaled error on earlier values")
    ]
    baseline_error: Annotated[
        FiniteFloat | None, Field(description="That of the seasonal naive forecast")
    ]
    warning: Annotated[str | None, Field(description="What the forecast could not rest on")]

    @property
    def value_added(self) -> float | None:
        """Share of the baseline's error that the forecast saves; None where it is not known."""
        if self.error is None or not self.baseline_error:
            return None
        return 1 - self.error / self.baseline_error


class Components(BaseModel):
    """What a series is made of at its end."""

    level: Annotated[FiniteFloat, Field(description="Level, without season")]
    trend: Annotated[FiniteFloat | None, Field(description="Change of the level a step; it fades")]
    last_error: Annotated[
        FiniteFloat | None, Field(description="Last value less what was expected of it")
    ]
    season: Annotated[
        list[FiniteFloat], Field(description="Of each step: a factor of demand, else an offset")
    ]


class ForecastAnswer(BaseModel):
    """The forecast of a series, and a Vega-Lite chart of it."""

    model_version: str
    method: Method
    components: Components
    steps: list[Step]
    chart: dict[str, Any]


class StoredForecast(ForecastAnswer):
    """The forecast of a series that the batch made."""

    source: str
    level: str
    name: str
    currency: str
    data_version: str
    last_week: Annotated[date, Field(description="Monday of the last full week")]
    weeks: Annotated[int, Field(description="Full weeks of history")]
    last_units: Annotated[FiniteFloat, Field(description="Demand in the last full week")]


class PastStep(BaseModel):
    """What was expected of an earlier value, and what it was."""

    step: Annotated[int, Field(description="Places after the last value known then, from 1")]
    week: Annotated[date | None, Field(description="Monday of the week, of a stored series")] = None
    actual: FiniteFloat | None
    forecast: Annotated[FiniteFloat, Field(description="The median forecast then")]
    baseline: Annotated[FiniteFloat, Field(description="The seasonal naive forecast then")]


class Backtest(BaseModel):
    """Forecasts of the past by the methods chosen for a series, each from earlier values only."""

    model_version: str
    method: Method
    value_added: Annotated[
        FiniteFloat | None, Field(description="Share of the baseline's error that is saved")
    ]
    steps: list[PastStep]
    chart: dict[str, Any]


class StoredBacktest(Backtest):
    """The backtest of a series that the batch made."""

    source: str
    level: str
    name: str
    currency: str
    data_version: str


class DailyForecast(BaseModel):
    """What the batch expects of each of the next days, and a Vega-Lite chart of it."""

    source: str
    level: str
    name: str
    currency: str
    model_version: str
    data_version: str
    members: Annotated[list[str], Field(description="Methods whose median the forecast is")]
    steps: list[Step]
    chart: dict[str, Any]
