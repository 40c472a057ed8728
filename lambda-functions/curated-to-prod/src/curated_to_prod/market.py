"""Market series side by side: aligned days and returns."""

from __future__ import annotations

import polars as pl

from datalake.contracts.prod import MARKET_PANEL

KEPT_DAYS = 7
"""How long a daily series keeps its last value; longer than a week without trade is a gap."""

_SERIES = ["series_id", "frequency"]
_DAY = "observed_on"


def market_panel(observations: pl.DataFrame, year: str) -> pl.DataFrame:
    """MARKET_PANEL of a year from MERGED_MARKET_SERIES of it and the year before."""
    value = pl.coalesce("adjusted_value", "value")
    observed = (
        observations.with_columns(value.alias("value"))
        .sort(*_SERIES, _DAY)
        .with_columns(pl.col("value").shift(1).over(_SERIES).alias("previous"))
    )
    both_positive = (pl.col("value") > 0) & (pl.col("previous") > 0)
    quotient = pl.col("value") / pl.col("previous")
    # The quotient of two finite numbers may be beyond the greatest or below the smallest one.
    factor = pl.when(both_positive & quotient.is_finite() & (quotient > 0)).then(quotient)
    observed = observed.with_columns(
        (factor - 1).alias("simple_return"),
        factor.log().alias("log_return"),
        pl.lit(value=True).alias("is_observed"),
    )
    in_year = pl.col(_DAY).dt.year() == int(year)
    kept = _kept(observed.filter(pl.col("frequency") == "daily"), in_year)
    return (
        pl.concat([observed.filter(in_year), kept], how="diagonal")
        .select(MARKET_PANEL.schema.names())
        .sort(MARKET_PANEL.key)
    )


def _kept(daily: pl.DataFrame, in_year: pl.Expr) -> pl.DataFrame:
    """Rows for the days on which other series have an observation and a series has none."""
    days = daily.select(pl.col(_DAY).unique()).filter(in_year)
    # An observation fills days after it, at most KEPT_DAYS: never each series times each day.
    return (
        daily.lazy()
        .select(*_SERIES, "value", "unit", pl.col(_DAY).alias("from"))
        .with_columns(pl.lit(list(range(1, KEPT_DAYS + 1))).alias("age"))
        .explode("age")
        .with_columns((pl.col("from") + pl.duration(days="age")).alias(_DAY))
        .join(days.lazy(), on=_DAY, how="semi")
        .join(daily.lazy(), on=[*_SERIES, _DAY], how="anti")
        .sort("from")
        .unique([*_SERIES, _DAY], keep="last", maintain_order=True)
        .drop("from", "age")
        .with_columns(pl.lit(value=False).alias("is_observed"))
        .collect()
    )
