"""What commands print: people read standard error, programs read standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

# Rich honours NO_COLOR and plain pipes by itself.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value for a program to read."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def table(title: str, *columns: str) -> Table:
    """A plain table; columns that end in a unit, as in `init ms`, are right-aligned."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        number = column.split()[-1] in {"ms", "s", "MB", "rows", "objects"}
        made.add_column(column, justify="right" if number else "left", overflow="fold")
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
