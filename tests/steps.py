"""Work counted, so that a test of how it grows depends on no clock."""

from __future__ import annotations

import sys
from collections.abc import Callable


def steps(call: Callable[[], object]) -> int:
    """Calls of functions, in Python and C."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        call()
    finally:
        sys.setprofile(None)
    return count
