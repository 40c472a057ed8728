"""What a panic becomes, and what stays as it is."""

from __future__ import annotations

import asyncio

import polars as pl
import pytest
from polars.exceptions import PanicException

from lambda_app.containment import PanicError, contained


class Panic(BaseException):
    """As pyo3_runtime.PanicException, not an Exception."""


@pytest.mark.parametrize("raised", [Panic, PanicException, asyncio.CancelledError])
def test_what_is_no_exception_becomes_one_that_names_it(raised: type[BaseException]) -> None:
    assert not issubclass(raised, Exception)
    with (
        pytest.raises(PanicError, match=f"^{raised.__name__}: index out of bounds$") as found,
        contained(),
    ):
        raise raised("index out of bounds")
    assert isinstance(found.value.__cause__, raised)


@pytest.mark.parametrize(
    "raised", [MemoryError, RecursionError, ValueError, KeyboardInterrupt, SystemExit]
)
def test_exceptions_and_what_ends_the_process_stay(raised: type[BaseException]) -> None:
    with pytest.raises(raised), contained():
        raise raised


def test_nothing_is_in_the_way_of_a_result() -> None:
    assert contained()(pl.Series)([1, 2]).sum() == 3
