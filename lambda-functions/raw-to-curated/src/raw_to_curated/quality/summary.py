"""Figures of one object's orders and returns for its report: compact, deterministic, JSON-ready.

They are collected from one file of the object's tables after the other, so that memory grows with
the number of different values, not of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from datalake.contracts import Table
from datalake.contracts.curated import ORDERS, RETURNS
from datalake.quality_report import Quality
from raw_to_curated.quality.keys import PRODUCT
from raw_to_curated.quality.line_types import GOODS

# Logarithmic, and the same for every object, so that objects compare.
_STEPS = (1, 2, 5)
# From text, because polars 2.1 misreads a Decimal with a positive exponent such as 1E+1.
PRICE_EDGES = tuple(
    Decimal(f"{Decimal(step).scaleb(power):f}") for power in range(-2, 5) for step in _STEPS
)
QUANTITY_EDGES = tuple(step * 10**power for power in range(5) for step in _STEPS)

OTHERS = "(others)"
"""Stands for the categories behind the most frequent ones."""

_SHOWN_CATEGORIES = 50
_SHOWN_OUTLIERS = 10
_SHOWN_CHARACTERS = 80
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
# Rows are counted by the finest unit of which the object spans at most so many hours.
_TIME_UNITS = (("hour", "1h", "%Y-%m-%dT%H:00Z", 48), ("day", "1d", "%Y-%m-%d", 92 * 24))
_MONTH = ("month", "1mo", "%Y-%m")
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S%.6fZ"


class Summary:
    """The `quality` section of a report, from the tables that `assess` made."""

    def __init__(self) -> None:
        self._orders = _Orders()
        self._returns: _Returns | None = None

    def add(self, table: Table, frame: pl.DataFrame) -> None:
        """Count the rows of one file; tables other than orders and returns are left out."""
        if table is ORDERS:
            self._orders.add(frame)
        elif table is RETURNS:
            self._returns = self._returns or _Returns()
            self._returns.add(frame)

    def section(self) -> Quality:
        """Of all rows so far; `returns` is there if there was a file of them."""
        returns = None if self._returns is None else self._returns.section()
        return Quality.model_validate({"orders": self._orders.section(), "returns": returns})


class _Tally:
    """How often each value occurs."""

    def __init__(self) -> None:
        self._counts: pl.DataFrame | None = None

    def add(self, values: pl.Series) -> None:
        counts = values.alias("value").value_counts()
        if self._counts is not None:
            both = pl.concat([self._counts, counts])
            counts = both.group_by("value").agg(pl.col("count").sum())
        self._counts = counts

    def frame(self) -> pl.DataFrame:
        """Columns value and count, ordered by value."""
        counts = self._counts
        return pl.DataFrame({"value": [], "count": []}) if counts is None else counts.sort("value")


class _Distinct:
    """How many different values there are, known by 64-bit hashes."""

    def __init__(self) -> None:
        self._seen = pl.Series(dtype=pl.UInt64)

    def add(self, values: pl.Series) -> None:
        self._seen = pl.concat([self._seen, values.unique().hash()]).unique()

    def count(self) -> int:
        return self._seen.len()


class _Rows:
    """What is told of orders and returns alike."""

    def __init__(self) -> None:
        self._rows = 0
        self._times = pl.DataFrame(
            schema={"min": ORDERS["ordered_at"].dtype, "max": ORDERS["ordered_at"].dtype}
        )
        self._nulls: Counter[str] = Counter()
        self._line_types, self._countries = _Tally(), _Tally()

    def add(self, frame: pl.DataFrame) -> None:
        self._rows += frame.height
        times = frame.select(min=pl.col("ordered_at").min(), max=pl.col("ordered_at").max())
        self._times = pl.concat([self._times, times]).select(
            pl.col("min").min(), pl.col("max").max()
        )
        self._nulls.update(frame.null_count().row(0, named=True))
        self._line_types.add(frame["line_type"].str.head(_SHOWN_CHARACTERS))
        self._countries.add(frame["country"].str.head(_SHOWN_CHARACTERS))

    def section(self) -> dict[str, Any]:
        # Formatted by polars: Python's time zones need a tz database, which slim images lack.
        times = self._times.select(pl.all().dt.strftime(_TIME_FORMAT))
        return {
            "rows": self._rows,
            "time_range": times.row(0, named=True) if times.height else {"min": None, "max": None},
            "null_counts": dict(self._nulls),
            "line_types": _categories(self._line_types),
            "countries": _categories(self._countries),
        }


class _Returns(_Rows):
    def __init__(self) -> None:
        super().__init__()
        self._cancellations = 0

    def add(self, frame: pl.DataFrame) -> None:
        super().add(frame)
        self._cancellations += int(frame["is_cancellation"].sum())

    def section(self) -> dict[str, Any]:
        return {
            **super().section(),
            "cancellations": self._cancellations,
            "matched": self._rows - self._nulls["matched_line_number"],
        }


class _Orders(_Rows):
    def __init__(self) -> None:
        super().__init__()
        self._outliers = 0
        self._imputed, self._hours = _Tally(), _Tally()
        self._prices, self._quantities = _Tally(), _Tally()
        self._distinct = {name: _Distinct() for name in ("orders", "products", "customers")}
        self._top: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        super().add(frame)
        self._outliers += int(frame["is_outlier"].sum())
        listed = frame["imputed_columns"]
        self._imputed.add(listed.filter(listed != "").str.split(",").explode())
        self._hours.add(frame["ordered_at"].dt.truncate("1h"))
        goods = frame.filter(pl.col("line_type") == GOODS)
        self._prices.add(goods["unit_price"])
        self._quantities.add(goods["quantity"])
        self._distinct["orders"].add(frame["order_id"])
        self._distinct["products"].add(frame.select(PRODUCT).to_series())
        self._distinct["customers"].add(frame["customer_id"].drop_nulls())
        self._top = [_top_outliers([*self._top, _with_usual(goods)])]

    def section(self) -> dict[str, Any]:
        return {
            **super().section(),
            "outliers": self._outliers,
            "near_duplicates": self._rows - self._nulls["near_duplicate_of"],
            "imputed": dict(self._imputed.frame().rows()),
            "distinct": {name: found.count() for name, found in self._distinct.items()},
            "unit_price": _distribution(self._prices, PRICE_EDGES),
            "quantity": _distribution(self._quantities, QUANTITY_EDGES),
            "rows_over_time": self._over_time(),
            "top_outliers": [
                {name: _shortened(_plain(value)) for name, value in row.items()}
                for top in self._top
                for row in top.iter_rows(named=True)
            ],
        }

    def _over_time(self) -> dict[str, Any]:
        """Rows per hour, day or month, whichever suits the span; units without rows are left
        out."""
        if not self._rows:
            return {"unit": "day", "rows": {}}
        span = self._times.select((pl.col("max") - pl.col("min")).dt.total_hours()).item()
        unit, every, form = next(
            ((unit, every, form) for unit, every, form, most in _TIME_UNITS if span <= most), _MONTH
        )
        counts = (
            self._hours.frame()
            .group_by(pl.col("value").dt.truncate(every))
            .agg(pl.col("count").sum())
            .sort("value")
            .with_columns(pl.col("value").dt.strftime(form))
        )
        return {"unit": unit, "rows": dict(counts.rows())}


def _categories(tally: _Tally) -> dict[str, int]:
    """Rows of the most frequent values, most frequent first, then of all others."""
    counts = tally.frame().sort(["count", "value"], descending=[True, False])
    shown = dict(counts.head(_SHOWN_CATEGORIES).rows())
    rest = int(counts.slice(_SHOWN_CATEGORIES)["count"].sum())
    return {**shown, OTHERS: rest} if rest else shown


def _distribution(tally: _Tally, edges: Sequence[Decimal | int]) -> dict[str, Any]:
    counts = tally.frame().with_columns(pl.col("count").cum_sum().alias("up to"))
    values, total = counts["value"], int(counts["count"].sum())
    is_from = [int(counts.filter(values >= edge)["count"].sum()) for edge in edges]
    histogram = [
        above - below for above, below in zip([total, *is_from], [*is_from, 0], strict=True)
    ]

    def quantile(share: float) -> Any:
        """The value at the nearest lower rank, exactly as it is in the table."""
        above = counts.filter(pl.col("up to") > int(share * (total - 1)))["value"]
        return _plain(above[0]) if total else None

    return {
        "min": quantile(0),
        **{f"p{share * 100:g}": quantile(share) for share in _QUANTILES},
        "max": quantile(1),
        "histogram": {"edges": [_plain(edge) for edge in edges], "counts": histogram},
    }


def _plain(value: Any) -> Any:
    """A number that JSON holds exactly: Decimal as text, without exponent and idle zeros."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_usual(goods: pl.DataFrame) -> pl.DataFrame:
    """Outliers, with what is usual for their products."""
    usual = goods.select(
        "line_number",
        "order_id",
        "product_id",
        "description",
        "quantity",
        "unit_price",
        "outlier_score",
        "is_outlier",
        pl.col("quantity").median().over(PRODUCT).alias("usual_quantity"),
        pl.col("unit_price").cast(pl.Float64).median().over(PRODUCT).alias("usual_unit_price"),
    )
    return usual.filter("is_outlier").drop("is_outlier")


def _top_outliers(outliers: list[pl.DataFrame]) -> pl.DataFrame:
    """Those with the greatest scores."""
    order = ["outlier_score", "line_number"]
    return pl.concat(outliers).sort(order, descending=[True, False]).head(_SHOWN_OUTLIERS)


def _shortened(value: Any) -> Any:
    return value[:_SHOWN_CHARACTERS] if isinstance(value, str) else value
