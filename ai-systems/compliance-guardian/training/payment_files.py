"""Payments with labels from a file in the columns of the Fraud Detection Handbook's simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.payments import MINOR, Payment
from compliance_guardian.fraud.replay import Replay

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TIME, CUSTOMER, TERMINAL, AMOUNT, FRAUD, SCENARIO = (
    "TX_DATETIME",
    "CUSTOMER_ID",
    "TERMINAL_ID",
    "TX_AMOUNT",
    "TX_FRAUD",
    "TX_FRAUD_SCENARIO",
)
REQUIRED = (TIME, CUSTOMER, TERMINAL, AMOUNT, FRAUD)
_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": partial(pl.read_csv, infer_schema_length=None),
}
SUFFIXES = tuple(_READERS)

_FORMS = {
    TIME: "a date with a time",
    CUSTOMER: "an identifier",
    TERMINAL: "an identifier",
    AMOUNT: "a finite number below a million millions",
    FRAUD: "0 or 1",
    SCENARIO: "a whole number",
}
_DAY = 86_400_000_000
_CENT = MINOR // 100
_MOST_AMOUNT = 1e12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PaymentsError(Exception):
    """The file does not have the form that training and evaluation read; the message says why."""


@dataclass(frozen=True)
class Payments:
    """Payments in the order of time, an array each.

    `time` is in microseconds since 1970 UTC, `customer` and `terminal` number the identifiers,
    `amount` is in ten-thousandths of the currency's major unit; `scenario` is the simulator's, 0
    for honest payments, None where the file does not have it.
    """

    time: Numbers
    customer: Numbers
    terminal: Numbers
    amount: Numbers
    fraud: Mask
    scenario: Numbers | None

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def day(self) -> Numbers:
        """Days since the first payment's, UTC."""
        days: Numbers = self.time // _DAY
        return days - int(days[0])

    @property
    def days(self) -> int:
        """Days from the first to the last payment, both included."""
        return int(self.day[-1]) + 1

    def date(self, day: int) -> date:
        """The date of a day, UTC."""
        return (_EPOCH + timedelta(microseconds=int(self.time[0]), days=day)).date()

    def until(self, day: int) -> Payments:
        """The payments before a day."""
        end = int(np.searchsorted(self.day, day))
        scenario = None if self.scenario is None else self.scenario[:end]
        return Payments(
            self.time[:end],
            self.customer[:end],
            self.terminal[:end],
            self.amount[:end],
            self.fraud[:end],
            scenario,
        )

    def features(self) -> Floats:
        """FEATURES of each payment, as they were at its time: labels are 7 days late."""
        rows = np.empty((len(self), len(FEATURES)))
        for number, (_, row) in enumerate(Replay().features(self._labelled())):
            rows[number] = row
        return rows

    def _labelled(self) -> Iterator[tuple[Payment, bool]]:
        columns = (self.time, self.customer, self.terminal, self.amount, self.fraud)
        names = [str(number) for number in range(max(self.customer.max(), self.terminal.max()) + 1)]
        for number, (time, customer, terminal, amount, fraud) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            at = _EPOCH + timedelta(microseconds=time)
            payment = Payment(
                "file", str(number), at, names[customer], names[terminal], amount, "XXX"
            )
            yield payment, fraud


def read(path: Path) -> Payments:
    """Read a Parquet or CSV file with REQUIRED and perhaps SCENARIO; other columns do not matter.

    Times are dates with times, or text that says them, UTC without a time zone. Whole amounts are
    cents, others in units of the currency. Raises PaymentsError.
    """
    try:
        table = _READERS[path.suffix](path)
    except KeyError:
        raise PaymentsError(f"{path} must end in {' or '.join(SUFFIXES)}") from None
    except (OSError, pl.exceptions.PolarsError) as error:
        raise PaymentsError(f"{path} cannot be read: {error}") from error
    if missing := [name for name in REQUIRED if name not in table.columns]:
        raise PaymentsError(
            f"{path} lacks {', '.join(missing)}; its columns must be {', '.join(REQUIRED)}, "
            f"and may be {SCENARIO}"
        )
    if table.is_empty():
        raise PaymentsError(f"{path} has no payments")
    has_scenario = SCENARIO in table.columns
    try:
        columns = table.select(
            _time(table[TIME]).alias(TIME),
            pl.col(CUSTOMER, TERMINAL).cast(pl.String),
            _amount(table[AMOUNT]).alias(AMOUNT),
            *(
                _whole(table[name]).alias(name)
                for name in (FRAUD, SCENARIO)
                if name in table.columns
            ),
        )
    except pl.exceptions.PolarsError as error:
        raise PaymentsError(f"{path} has a column of another type: {error}") from error
    for name in columns.columns:
        _refuse_first(path, table, name, columns[name].is_null(), f"it must be {_FORMS[name]}")
    _refuse_first(path, table, FRAUD, ~columns[FRAUD].is_in([0, 1]), f"it must be {_FORMS[FRAUD]}")
    columns = columns.sort(TIME, maintain_order=True)
    return Payments(
        time=columns[TIME].to_numpy(),
        customer=_numbered(columns[CUSTOMER]),
        terminal=_numbered(columns[TERMINAL]),
        amount=columns[AMOUNT].to_numpy(),
        fraud=columns[FRAUD].to_numpy() == 1,
        scenario=columns[SCENARIO].to_numpy() if has_scenario else None,
    )


def _time(column: pl.Series) -> pl.Series:
    """Microseconds since 1970; null where the value says no time."""
    if column.dtype == pl.String:
        try:
            column = column.str.to_datetime(time_unit="us", strict=False)
        except pl.exceptions.ComputeError:  # not even the first value says a time
            column = pl.Series([None] * len(column), dtype=pl.Datetime("us"))
    if column.dtype not in (pl.Datetime, pl.Date):
        return pl.Series([None] * len(column), dtype=pl.Int64)
    return column.cast(pl.Datetime("us", getattr(column.dtype, "time_zone", None))).cast(pl.Int64)


def _amount(column: pl.Series) -> pl.Series:
    """Ten-thousandths; null where the value is no finite number."""
    if column.dtype.is_integer():
        return column.cast(pl.Int64) * _CENT
    number = column.cast(pl.Float64, strict=False)
    usable = number.is_finite() & (number.abs() < _MOST_AMOUNT)
    scaled = (number * MINOR).round()
    return pl.select(pl.when(usable).then(scaled)).to_series().cast(pl.Int64)


def _whole(column: pl.Series) -> pl.Series:
    """Whole numbers; null where the value is none."""
    if column.dtype == pl.String:
        column = column.cast(pl.Float64, strict=False)
    whole = column.cast(pl.Int64, strict=False)
    return pl.select(
        pl.when(whole.cast(pl.Float64) == column.cast(pl.Float64)).then(whole)
    ).to_series()


def _numbered(identifiers: pl.Series) -> Numbers:
    return identifiers.rank("dense").cast(pl.Int64).to_numpy() - 1


def _refuse_first(path: Path, table: pl.DataFrame, name: str, bad: pl.Series, rule: str) -> None:
    if bad.any():
        row = int(bad.arg_true()[0])
        raise PaymentsError(f"{path}: row {row + 1}: {name} is {table[name][row]!r}; {rule}")
