"""Has everything that goes wrong be an Exception, so that it fails what failed and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class PanicError(Exception):
    """Something that is not an Exception was raised, as by a Rust library that panics."""


@contextmanager
def contained() -> Iterator[None]:
    """Have all that is raised be an Exception, but for what ends the process.

    Rust libraries panic with pyo3_runtime.PanicException, which derives from BaseException:
    https://docs.rs/pyo3/latest/pyo3/panic/struct.PanicException.html. Lambda's runtime client
    answers with the error of an Exception, and dies of anything else.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as panic:
        raise PanicError(f"{type(panic).__name__}: {panic}") from panic
