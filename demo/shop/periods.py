"""Months, and the rhythm of the shop: its weeks and years as a clock that runs fast and slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from shop.parameters import Parameters, RhythmLaws
from shop.streams import Floats, Ints, Times

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Month:
    """A month of the period: `first_day` counts days from the start of the period."""

    index: int
    start: date
    first_day: int
    days: int

    @property
    def name(self) -> str:
        """As in keys: 2023-01."""
        return self.start.strftime("%Y-%m")

    @property
    def dates(self) -> Times:
        """Its days, datetime64[D]."""
        return np.datetime64(self.start, "D") + np.arange(self.days)

    @property
    def day_numbers(self) -> Ints:
        """Its days, counted from the start of the period."""
        return self.first_day + np.arange(self.days)


def months(parameters: Parameters) -> Iterator[Month]:
    """The months of the period, in order."""
    first_day = 0
    begin = parameters.start
    for index in range(parameters.months):
        end = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
        days = (end - begin).days
        yield Month(index, begin, first_day, days)
        first_day += days
        begin = end


def days_of(parameters: Parameters) -> int:
    """How many days the period has."""
    return sum(month.days for month in months(parameters))


def day_of_year(dates: Times) -> Ints:
    """1 for 1 January."""
    days = dates.astype("datetime64[D]") - dates.astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray(days.astype(np.int64) + 1, dtype=np.int64)


def season(dates: Times, amplitude: float | Floats, peak: int | Ints) -> Floats:
    """The log of a yearly season: amplitude * cos(2 pi * (day of the year - peak) / 365.25)."""
    phase = 2 * np.pi * (day_of_year(dates) - peak) / DAYS_A_YEAR
    return np.asarray(amplitude * np.cos(phase), dtype=np.float64)


class Rhythm:
    """The shop's own time: weeks in which the rate of purchases is constant.

    A day takes factor(weekday) * factor(season) / 7 weeks, so what is a Poisson process in shop
    time has the weekly rhythm and the season in the calendar.
    """

    def __init__(self, laws: RhythmLaws, start: date, days: int) -> None:
        self._laws = laws
        self._start = np.datetime64(start, "D")
        self.factors = self.factor(self._start + np.arange(days))
        self._weeks = np.concatenate([[0.0], np.cumsum(self.factors / 7)])

    def factor(self, dates: Times) -> Floats:
        """The expected purchases of days, relative to the mean day."""
        weekday = (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7
        yearly = np.exp(season(dates, self._laws.season, self._laws.peak))
        factors = np.array(self._laws.weekdays)[weekday] * yearly / np.i0(self._laws.season)
        return np.asarray(factors, dtype=np.float64)

    def weeks(self, day: int) -> float:
        """Shop time at the beginning of a day of the period, in weeks."""
        return float(self._weeks[day])

    def calendar(self, weeks: Floats) -> tuple[Ints, Times]:
        """Days of the period and times (datetime64[m], within opening hours) of shop time."""
        day = np.searchsorted(self._weeks, weeks, side="right") - 1
        day = np.minimum(day, len(self.factors) - 1)
        passed = (weeks - self._weeks[day]) / (self._weeks[day + 1] - self._weeks[day])
        minutes_open = 60 * (self._laws.closes - self._laws.opens)
        minute = 60 * self._laws.opens + (passed * minutes_open).astype(np.int64)
        return day, (self._start + day).astype("datetime64[m]") + minute
