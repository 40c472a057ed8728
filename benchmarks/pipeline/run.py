"""`make bench BENCH=pipeline`: rows/s of raw-to-curated from CSV to Parquet, beside others.

Every run is a process of its own; the transforms take turns, so that a busy machine is as busy for
each; medians are compared. The rows are those of Online Retail, or of a made-up shop of its size
where it is not here (`make data`).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from open_data import sets, stand_ins

RUNS = 5
SCALE_RUNS = 1
NAMES = {
    "function": "raw-to-curated",
    "polars_streaming": "polars streaming, the same tables",
    "polars_barest": "polars streaming, no line numbers, constants, quarantine",
    "pandas_c": "pandas, C engine",
}


@dataclass(frozen=True)
class Run:
    """One process: wall and CPU seconds, peak resident MiB, rows per table."""

    seconds: float
    cpu: float
    peak: float
    rows: tuple[int, ...]


def main() -> None:
    """Measure and print. Exits with an error if the transforms do not agree."""
    data = stand_ins.online_retail(sets.ONLINE_RETAIL_ROWS)
    print(f"{data.title}; twice in the comparison", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        twice, rows = _copies(data.rows, Path(folder), 2)
        runs: dict[str, list[Run]] = {name: [] for name in NAMES}
        for _ in range(RUNS):
            for name, measured in runs.items():
                measured.append(_run(name, twice))
        _check(runs)
        print(f"{rows:,} rows, {twice.stat().st_size / 1e6:.0f} MB of CSV;")
        print(f"median of {RUNS} runs, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print(f"{'':58} {'rows/s':>10} {'CPU s':>7} {'peak MiB':>9} {'ours is':>8}")
        ours = _median(runs["function"], "seconds")
        for name, measured in runs.items():
            seconds = _median(measured, "seconds")
            print(
                f"{NAMES[name]:58} {rows / seconds:>10,.0f} {_median(measured, 'cpu'):>7.2f} "
                f"{max(run.peak for run in measured):>9.0f} {seconds / ours:>7.2f}×"
            )
        twice.unlink()
        _scale(data.rows, Path(folder))


def _scale(rows: pl.DataFrame, folder: Path) -> None:
    """Ten times the rows: time and memory of raw-to-curated."""
    print()
    found: list[Run] = []
    for copies in (1, 10):
        path, count = _copies(rows, folder, copies)
        runs = [_run("function", path) for _ in range(SCALE_RUNS)]
        found.append(sorted(runs, key=lambda run: run.seconds)[len(runs) // 2])
        path.unlink()
        print(f"{count:>10,} rows: {found[-1].seconds:6.2f} s, peak {found[-1].peak:.0f} MiB")
    once, tenfold = found
    print(f"ten times the rows take {tenfold.seconds / once.seconds:.1f} times the time")


def _copies(rows: pl.DataFrame, folder: Path, copies: int) -> tuple[Path, int]:
    """The rows so often, each copy with invoice numbers of its own; and how many they are."""
    path = folder / f"online-retail-{copies}.csv"
    number = pl.col("InvoiceNo").str.extract("([0-9]+)").rank("dense").cast(pl.Int64)
    letter = pl.col("InvoiceNo").str.extract("^([A-Z]?)")
    numbers = rows.select(number.max()).item()
    with path.open("wb") as file:
        for copy in range(copies):
            moved = (number + numbers * copy).cast(pl.String).str.zfill(6)
            part = rows.with_columns(InvoiceNo=letter + moved)
            part.write_csv(file, include_header=copy == 0, datetime_format="%Y-%m-%d %H:%M:%S")
    return path, rows.height * copies


def _run(name: str, path: Path) -> Run:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("transforms.py")), name, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, cpu, peak, *rows = done.stdout.split()
    return Run(float(seconds), float(cpu), float(peak), tuple(map(int, rows)))


def _check(runs: dict[str, list[Run]]) -> None:
    expected = runs["function"][0].rows
    for name, measured in runs.items():
        for run in measured:
            compared = 2 if run.rows[2] < 0 else 3
            if run.rows[:compared] != expected[:compared]:
                sys.exit(f"{NAMES[name]} wrote {run.rows} rows, raw-to-curated {expected}")


def _median(runs: list[Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


if __name__ == "__main__":
    main()
