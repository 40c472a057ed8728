"""A month's payments of the prod table `merged_transactions`, in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from typing import Self

import polars as pl

from compliance_guardian.fraud.names import payment_id
from compliance_guardian.fraud.payments import MINOR, Payment
from compliance_guardian.pci.redaction import redacted_text
from datalake.contracts.prod import MERGED_TRANSACTIONS

_TIME = "transacted_at"
_IDENTIFIERS = ("transaction_id", "customer_id", "terminal_id")
_SHOWN = (*_IDENTIFIERS, _TIME, "amount", "currency")


@dataclass(frozen=True)
class PaymentRows:
    """`payments` and `is_fraud` are as the rows; a label is None where the table knows none."""

    rows: pl.DataFrame
    payments: Sequence[Payment]
    is_fraud: Sequence[bool | None]

    @classmethod
    def of(cls, source: str, rows: pl.DataFrame) -> Self:
        """Rows of MERGED_TRANSACTIONS, in whatever order."""
        ordered = rows.sort(_TIME, *MERGED_TRANSACTIONS.key)
        columns = (
            pl.col("transaction_id"),
            # Python's UTC: that of polars would need a tz database, which slim images lack.
            pl.col(_TIME).dt.replace_time_zone(None),
            pl.col("customer_id"),
            pl.col("terminal_id"),
            (pl.col("amount") * MINOR).cast(pl.Int64),
            pl.col("currency"),
            pl.col("quantity"),
        )
        payments = [
            Payment(source, name, at.replace(tzinfo=UTC), *others)
            for name, at, *others in ordered.select(columns).iter_rows()
        ]
        return cls(ordered, payments, ordered["is_fraud"].to_list())

    @cached_property
    def labelled(self) -> list[tuple[Payment, bool]]:
        """Each payment, and whether the table says that it is fraud."""
        return [
            (payment, bool(is_fraud))
            for payment, is_fraud in zip(self.payments, self.is_fraud, strict=True)
        ]

    @property
    def weeks(self) -> list[date]:
        """The Monday of each payment."""
        return self.rows.select(week(_TIME)).to_series().to_list()

    @cached_property
    def ids(self) -> pl.Series:
        """`payment_id` of each payment."""
        return pl.Series("payment_id", map(payment_id, self.payments), dtype=pl.String)

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The columns of insights that say which payment a row is on, identifiers redacted."""
        shown = self.rows.select(_SHOWN)
        return shown.select(
            self.ids,
            *(_redacted(shown[name]) for name in _IDENTIFIERS),
            *_SHOWN[len(_IDENTIFIERS) :],
        )


def week(column: str) -> pl.Expr:
    """The Monday of the week of a time or a day."""
    return pl.col(column).dt.truncate("1w").dt.date().alias("week")


def _redacted(identifiers: pl.Series) -> pl.Series:
    known = identifiers.drop_nulls().unique()
    changed = {name: text for name in known if (text := redacted_text(name)) != name}
    return identifiers.replace(changed) if changed else identifiers
