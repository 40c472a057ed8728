"""Series with known unusual weeks: built-in ones, made from a seed, or those of a CSV file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from demand_insights_engine.unusual_weeks.scores import MIN_WEEKS

COLUMNS = ("series", "week", "units", "is_unusual")
_ROW = "a row has a series, a date, a number of units, and 0 or 1"

_SERIES = 400
_WEEKS = 104
_FIRST_WEEK = date(2024, 1, 1)
_SHARE_UNUSUAL = 0.04


class DataError(Exception):
    """The file does not have the form that training and evaluation read; the message says why."""


@dataclass
class Series:
    """The weeks of one product in order: Mondays, units sold, and whether each is unusual."""

    weeks: list[date] = field(default_factory=list)
    units: list[float] = field(default_factory=list)
    is_unusual: list[bool] = field(default_factory=list)

    def append(self, week: date, units: float, is_unusual: bool) -> None:
        """Add the next week."""
        self.weeks.append(week)
        self.units.append(units)
        self.is_unusual.append(is_unusual)


def built_in(seed: int) -> tuple[list[Series], list[Series]]:
    """Series to learn from, and as many others to evaluate on; equal seeds give equal series.

    Demand is Poisson with a gamma-distributed mean (negative binomial), as counts of sales often
    are. In unusual weeks the mean is multiplied or divided by 3 to 8.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    series = [_series(random) for _ in range(2 * _SERIES)]
    return series[:_SERIES], series[_SERIES:]


def _series(random: np.random.Generator) -> Series:
    level = math.exp(random.uniform(math.log(20), math.log(2000)))
    dispersion = random.uniform(4, 40)
    mean = level * random.gamma(dispersion, 1 / dispersion, _WEEKS)
    is_unusual = random.random(_WEEKS) < _SHARE_UNUSUAL
    factor = random.uniform(3, 8, _WEEKS) ** random.choice([-1.0, 1.0], _WEEKS)
    units = random.poisson(np.where(is_unusual, mean * factor, mean))
    return Series(
        [_FIRST_WEEK + timedelta(weeks=number) for number in range(_WEEKS)],
        [float(value) for value in units],
        [bool(value) for value in is_unusual],
    )


def as_csv(series: Iterable[Series]) -> bytes:
    """The series in the form that `read` reads."""
    lines = [",".join(COLUMNS)]
    for number, one in enumerate(series, start=1):
        for week, units, is_unusual in zip(one.weeks, one.units, one.is_unusual, strict=True):
            lines.append(f"{number},{week.isoformat()},{units:g},{int(is_unusual)}")
    return ("\n".join(lines) + "\n").encode()


def read(path: Path) -> list[Series]:
    """Read a CSV file with COLUMNS; `week` is a date, `is_unusual` is 0 or 1, weeks are in order.

    Raises DataError, which names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns, rows = reader.fieldnames or (), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if missing := [name for name in COLUMNS if name not in columns]:
        raise DataError(
            f"{path} lacks {', '.join(missing)}; its columns must be {', '.join(COLUMNS)}"
        )
    found: dict[str, Series] = {}
    for line, row in enumerate(rows, start=2):
        series = found.setdefault(row["series"], Series())
        try:
            week, units = date.fromisoformat(row["week"]), float(row["units"])
            is_unusual = {"0": False, "1": True}[row["is_unusual"]]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}:{line}: {error}; {_ROW}") from error
        if not 0 <= units < math.inf:
            raise DataError(f"{path}:{line}: units are {units:g}; they must be 0 or more")
        if series.weeks and week <= series.weeks[-1]:
            raise DataError(f"{path}:{line}: week {week} is not after the one before it")
        series.append(week, units, is_unusual)
    if not found:
        raise DataError(f"{path} has no rows")
    for name, series in found.items():
        if len(series.weeks) < MIN_WEEKS:
            raise DataError(
                f"{path}: series {name} has {len(series.weeks)} weeks; {MIN_WEEKS} are needed"
            )
    return list(found.values())
