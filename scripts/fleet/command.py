"""How every command ends: quietly, or with one message and an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from fleet import console
from fleet.errors import FleetError


def run(command: Callable[[], object]) -> None:
    """Run a command; what went wrong is one message and exit code 1, an interrupt is 130."""
    # As Ctrl-C does, so that every `finally` runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        command()
    except FleetError as error:
        console.err.print(f"[bold red]error:[/] {console.escape(str(error))}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.err.print("interrupted")
        sys.exit(130)
