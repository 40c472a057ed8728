"""A customer's card: each figure says from when it is, what it rests on, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A value with the interval of `level`, as of a day, from `purchase_days` days with a purchase.

    None where the data do not tell; the card's warnings say why.
    """

    value: float | None
    lower: float | None
    upper: float | None
    level: float
    as_of: date
    purchase_days: int


@dataclass(frozen=True)
class CustomerCard:
    """A row of the table customer_cards; forecasts are of the `horizon_days` from `as_of` on."""

    customer_id: str
    currency: str
    as_of: date
    first_day: date
    last_day: date
    purchase_days: int
    amount: float
    returned_amount: float
    segment: str
    scores: tuple[int, int, int]
    horizon_days: int
    p_active: Figure
    purchases: Figure
    mean_amount: Figure
    spend: Figure
    p_leaves: Figure
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> CustomerCard:
        """The card of a row as `polars.DataFrame.row(named=True)` gives it."""

        def figure(name: str, level: float = 0.9) -> Figure:
            return Figure(
                row[name],
                row[f"{name}_lower"],
                row[f"{name}_upper"],
                level,
                row["as_of"],
                row["purchase_days"],
            )

        return cls(
            **{name: row[name] for name in _AS_THEY_ARE},
            scores=(row["recency_score"], row["frequency_score"], row["monetary_score"]),
            p_active=figure("p_active"),
            purchases=figure("purchases"),
            mean_amount=figure("mean_amount"),
            spend=figure("spend"),
            p_leaves=figure("p_leaves", 0.95),
            warnings=tuple(row["warnings"]),
        )


_AS_THEY_ARE = (
    "customer_id",
    "currency",
    "as_of",
    "first_day",
    "last_day",
    "purchase_days",
    "amount",
    "returned_amount",
    "segment",
    "horizon_days",
)
