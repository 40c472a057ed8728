"""Market series side by side: aligned days and returns."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from datalake.contracts.prod import MARKET_PANEL

KEPT_FOR = timedelta(days=7)
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
    factor = pl.when(both_positive).then(pl.col("value") / pl.col("previous"))
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
    missing = (
        daily.select(pl.col(_SERIES).implode())
        .explode(_SERIES)
        .unique()
        .join(days, how="cross")
        .join(daily, on=[*_SERIES, _DAY], how="anti")
        .sort(_DAY)
    )
    values = daily.select(*_SERIES, _DAY, "value", "unit").sort(_DAY)
    return (
        missing.join_asof(
            values,
            on=_DAY,
            by=_SERIES,
            strategy="backward",
            tolerance=KEPT_FOR,
            check_sortedness=False,
        )
        .filter(pl.col("value").is_not_null())
        .with_columns(pl.lit(value=False).alias("is_observed"))
    )
