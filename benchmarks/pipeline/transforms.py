"""The same cleaning of Online Retail four times over. Each prints nothing and returns the rows it
wrote to orders, returns and quarantine.

All keep of equal rows one, type the columns, turn London time to UTC, part orders from returns,
set aside rows without a price, and write Parquet with the columns of the contracts. Quality is
not scored.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

COLUMNS = [
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
]
RENAMED = dict(
    zip(
        COLUMNS,
        [
            *("order_id", "product_id", "description", "quantity"),
            *("ordered_at", "unit_price", "customer_id", "country"),
        ],
        strict=True,
    )
)
INVOICE = "[Cc]?[0-9]{6}"
Rows = tuple[int, int, int]


def function(path: Path, out: Path) -> Rows:
    """raw-to-curated's own code, from the file to checked Parquet files with their hashes."""
    from raw_to_curated.curate import segments
    from raw_to_curated.date_limits import date_limits
    from raw_to_curated.reader import Reader
    from raw_to_curated.results import Results
    from raw_to_curated.sources import SOURCES

    source, key = SOURCES["online-retail"], "online-retail/benchmark.csv"
    reader = Reader(source, key, out)
    results = Results(source, key, out, assess=False)
    uploaded = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    dates, batches = date_limits(reader.source, uploaded, reader.batches(lambda: path.open("rb")))
    results.add_all(segments(reader.source, key, batches, dates))
    _, counts = results.finish()
    return counts.curated["orders"], counts.curated["returns"], counts.quarantined


def pandas_c(path: Path, out: Path) -> Rows:
    """Plain pandas with its C engine."""
    import pandas as pd

    frame = pd.read_csv(path, engine="c", dtype=dict.fromkeys(COLUMNS, "str"))
    frame.insert(0, "line_number", range(2, len(frame) + 2))
    frame = frame.drop_duplicates(COLUMNS)
    for name in COLUMNS:
        frame[name] = frame[name].str.strip()
    frame["Quantity"] = pd.to_numeric(frame["Quantity"], errors="coerce").astype("Int64")
    frame["UnitPrice"] = pd.to_numeric(frame["UnitPrice"], errors="coerce")
    frame["CustomerID"] = frame["CustomerID"].str.removesuffix(".0")
    written = pd.to_datetime(frame["InvoiceDate"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    local = written.dt.tz_localize("Europe/London", ambiguous=True, nonexistent="NaT")
    frame["InvoiceDate"] = local.dt.tz_convert("UTC")
    is_good = (
        frame["InvoiceNo"].str.fullmatch(INVOICE)
        & (frame["UnitPrice"] > 0)
        & (frame["Quantity"] != 0)
        & frame["InvoiceDate"].notna()
        & frame["StockCode"].notna()
        & frame["Country"].notna()
    ).fillna(False)
    bad, good = frame[~is_good], frame[is_good].rename(columns=RENAMED)
    good = good.assign(currency="GBP", line_type="product")
    is_return = good["quantity"] < 0
    returns = good[is_return].assign(
        quantity=lambda f: -f["quantity"],
        is_cancellation=lambda f: f["order_id"].str.upper().str.startswith("C"),
        matched_order_id=None,
        matched_line_number=None,
    )
    orders = good[~is_return].assign(
        is_outlier=False, outlier_score=0.0, near_duplicate_of=None, imputed_columns=""
    )
    for name, part in (("orders", orders), ("returns", returns), ("quarantine", bad)):
        part.to_parquet(out / f"{name}.parquet", compression="zstd", index=False)
    return len(orders), len(returns), len(bad)


def polars_streaming(path: Path, out: Path) -> Rows:
    """Bare polars, streaming from the file to the tables."""
    return _polars(path, out, bare=False)


def polars_barest(path: Path, out: Path) -> Rows:
    """Bare polars without line numbers, constant columns and quarantine: less than is asked for."""
    return _polars(path, out, bare=True)


def _polars(path: Path, out: Path, *, bare: bool) -> Rows:
    import polars as pl

    schema = {
        **dict.fromkeys(COLUMNS, pl.String()),
        "Quantity": pl.Int64(),
        "UnitPrice": pl.Decimal(18, 4),
    }
    number = None if bare else "line_number"
    lines = pl.scan_csv(path, schema=schema, row_index_name=number, row_index_offset=2)
    local = pl.col("InvoiceDate").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    utc = local.dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    typed = lines.unique(subset=COLUMNS, keep="any" if bare else "first").with_columns(
        utc.dt.convert_time_zone("UTC"), pl.col("CustomerID").str.strip_suffix(".0")
    )
    is_good = (
        pl.col("InvoiceNo").str.contains(rf"\A{INVOICE}\z")
        & (pl.col("UnitPrice") > 0)
        & (pl.col("Quantity") != 0)
        & pl.col("InvoiceDate").is_not_null()
        & pl.col("StockCode").is_not_null()
        & pl.col("Country").is_not_null()
    ).fill_null(value=False)
    flagged = typed.with_columns(is_good.alias("is_good"))
    good = flagged.filter("is_good").drop("is_good").rename(RENAMED)
    orders, returns = good.filter(pl.col("quantity") > 0), good.filter(pl.col("quantity") < 0)
    returns = returns.with_columns(pl.col("quantity").abs())
    if not bare:
        shared = [pl.lit("GBP").alias("currency"), pl.lit("product").alias("line_type")]
        orders = orders.with_columns(
            *shared,
            is_outlier=False,
            outlier_score=0.0,
            near_duplicate_of=pl.lit(None, dtype=pl.Int64),
            imputed_columns=pl.lit(""),
        )
        returns = returns.with_columns(
            *shared,
            is_cancellation=pl.col("order_id").str.to_uppercase().str.starts_with("C"),
            matched_order_id=pl.lit(None, dtype=pl.String),
            matched_line_number=pl.lit(None, dtype=pl.Int64),
        )
    frames = {"orders": orders, "returns": returns}
    if not bare:
        frames["quarantine"] = flagged.filter(~pl.col("is_good"))
    sinks = [
        frame.sink_parquet(out / f"{name}.parquet", compression="zstd", lazy=True)
        for name, frame in frames.items()
    ]
    pl.collect_all(sinks, engine="streaming")
    sizes = [
        pl.scan_parquet(out / f"{n}.parquet").select(pl.len()).collect().item() for n in frames
    ]
    return sizes[0], sizes[1], sizes[2] if not bare else -1


TRANSFORMS = {
    transform.__name__: transform
    for transform in (function, polars_streaming, polars_barest, pandas_c)
}


def main() -> None:
    """Run one transform on one file, and print seconds, CPU seconds, peak MiB and rows."""
    import resource
    import time

    transform, path = TRANSFORMS[sys.argv[1]], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as out:
        # Once on the first lines, before the clock runs: as a warm function, of any make.
        first = Path(out) / "first.csv"
        with path.open("rb") as file:
            first.write_bytes(b"".join(file.readlines(1_000_000)))
        transform(first, Path(out))
    with tempfile.TemporaryDirectory() as out:
        begun, cpu = time.perf_counter(), time.process_time()
        rows = transform(path, Path(out))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, cpu, peak, *rows)


if __name__ == "__main__":
    main()
