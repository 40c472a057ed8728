"""Files of the M4 competition's form: a series a line, its name first; CSV, or gzipped."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

import numpy as np
from errors import DataError

from forecasting.matrix import Floats


class M4Error(DataError):
    """The files do not have the form; the message says why."""


@dataclass(frozen=True)
class Frequency:
    """Periods of the competition's measures and of seasons, and the horizon."""

    measured: int
    periods: tuple[int, ...]
    horizon: int


FREQUENCIES = {
    "yearly": Frequency(1, (), 6),
    "quarterly": Frequency(4, (4,), 8),
    "monthly": Frequency(12, (12,), 18),
    "weekly": Frequency(1, (52,), 13),
    "daily": Frequency(1, (7,), 14),
    "hourly": Frequency(24, (24, 168), 48),
}


def frequency(file: Path) -> Frequency:
    """The frequency that a file's name says, such as Weekly-train.csv. Raises M4Error."""
    for name, found in FREQUENCIES.items():
        if name in file.name.lower():
            return found
    raise M4Error(f"{file.name} names no frequency: {', '.join(FREQUENCIES)}")


def test_file(train: Path) -> Path:
    """The file of test values beside one of training values. Raises M4Error."""
    found = train.with_name(train.name.replace("train", "test"))
    if found == train or not found.is_file():
        raise M4Error(f"{train} needs a file of test values beside it, named -test for -train")
    return found


def read(file: Path) -> dict[str, Floats]:
    """The values of each series by name. Raises M4Error, which names the line."""
    found: dict[str, Floats] = {}
    try:
        with _opened(file) as text:
            rows = csv.reader(text)
            next(rows, None)
            for line, (name, *cells) in enumerate(rows, start=2):
                try:
                    values = [float(cell) for cell in cells if cell not in ("", "NA")]
                except ValueError as error:
                    raise M4Error(f"{file}:{line}: {error}; every value is a number") from error
                found[name] = np.array(values)
    except (OSError, UnicodeDecodeError, EOFError, csv.Error) as error:
        raise M4Error(f"{file} cannot be read: {error}") from error
    if not found:
        raise M4Error(f"{file} has no series; the first line is a header, each other one a series")
    return found


def _opened(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return cast(TextIO, gzip.open(file, "rt", encoding="utf-8", newline=""))
    return file.open(encoding="utf-8", newline="")
