"""What commands print: people read standard error, programs read standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.table import Table

# Rich honours NO_COLOR and plain pipes by itself.
# A pipe has no width; nothing is cut for it.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value for a program to read."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def escape(text: str) -> str:
    """A text that holds no markup of rich's."""
    return text.replace("[", "\\[")


def table(texts: list[str], numbers: list[str]) -> Table:
    """A plain table: columns of text, then right-aligned columns of numbers."""
    made = Table(box=None, pad_edge=False)
    for column in texts:
        made.add_column(column, no_wrap=True)
    for column in numbers:
        made.add_column(column, justify="right", no_wrap=True)
    return made


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show that something goes on, on a terminal; elsewhere one line."""
    if err.is_terminal:
        with err.status(message):
            yield
    else:
        err.print(message)
        yield


def progress() -> Progress:
    """Bars that say how many of a task's items are done, on a terminal; elsewhere nothing."""
    return _bars(MofNCompleteColumn(), TimeElapsedColumn())


def transfer() -> Progress:
    """The same for bytes."""
    return _bars(DownloadColumn(), TransferSpeedColumn())


def _bars(*columns: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        console=err,
        disable=not err.is_terminal,
    )
