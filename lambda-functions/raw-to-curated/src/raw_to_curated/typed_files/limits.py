"""What a worker may use. It sets its own limits before it looks at the file."""

from __future__ import annotations

import resource

MEMORY_MIB = 1_536
"""The function has 3,008 MiB, of which it needs less than 600 for rows that it holds."""
CPU_SECONDS = 90
_WRITTEN_BYTES = 1024**2


def set_limits() -> None:
    """Limit this process for good."""
    # RLIMIT_DATA counts what is really allocated; allocators reserve far more addresses.
    _limit(resource.RLIMIT_DATA, MEMORY_MIB * 1024**2)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    # Its messages; rows go through the pipe.
    _limit(resource.RLIMIT_FSIZE, _WRITTEN_BYTES)


def _limit(what: int, value: int) -> None:
    _, most = resource.getrlimit(what)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    resource.setrlimit(what, (value, value))
