"""Fetches Online Retail from its publisher."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from fleet import console
from fleet.errors import FleetError
from open_data import sets
from open_data.download import DownloadError, Progress, alone, download


def fetch_online_retail(
    url: str = sets.ONLINE_RETAIL_URL,
    folder: Path = sets.DATA,
    *,
    sha256: str = sets.ONLINE_RETAIL_SHA256,
    progress: Progress = lambda _here, _whole: None,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """Download Online Retail and keep it as Parquet; return its path.

    `sha256` is the archive's; `progress` and `pause` are as in `download`. Raises FleetError if it
    cannot be fetched or is not what was published.
    """
    path = folder / sets.ONLINE_RETAIL_FILE
    archive = folder / sets.ONLINE_RETAIL_ARCHIVE
    try:
        with alone(folder, lambda: console.err.print("Another command fetches it; waiting ...")):
            if not path.is_file():
                download(url, archive, sha256=sha256, progress=progress, pause=pause)
                _keep(_read(archive), path)
                archive.unlink()
    except DownloadError as error:
        raise FleetError(
            f"{error}. Repeat the command later, or save the file as {archive} by other means "
            "and repeat it. `make shop OUT=folder` makes up data without a network"
        ) from error
    except OSError as error:
        raise FleetError(
            f"{folder} cannot be written: {error.strerror}. Mend that, then repeat the command"
        ) from error
    return path


def _read(archive: Path) -> pl.DataFrame:
    """The rows of the only workbook in an archive. Raises FleetError if they are not complete."""
    with zipfile.ZipFile(archive) as file:
        (name,) = (n for n in file.namelist() if n.endswith(".xlsx"))
        workbook = file.read(name)
    texts = dict.fromkeys(["InvoiceNo", "StockCode", "Description"], pl.String)
    rows = pl.read_excel(workbook, schema_overrides=texts)
    if rows.columns != sets.ONLINE_RETAIL_COLUMNS or rows.height != sets.ONLINE_RETAIL_ROWS:
        raise FleetError(
            f"{archive} reads as {rows.height:,} rows of {', '.join(rows.columns)}; expected "
            f"{sets.ONLINE_RETAIL_ROWS:,} of {', '.join(sets.ONLINE_RETAIL_COLUMNS)}"
        )
    return rows


def _keep(rows: pl.DataFrame, path: Path) -> None:
    """Write the rows, whole or not at all."""
    content = io.BytesIO()
    rows.write_parquet(content)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content.getvalue())
    partial.replace(path)
