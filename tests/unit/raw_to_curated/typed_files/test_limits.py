from __future__ import annotations

import subprocess
import sys

from raw_to_curated.typed_files import limits

SCRIPT = """
import resource
from raw_to_curated.typed_files.limits import set_limits
set_limits()
print([resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in
       ("DATA", "CPU", "CORE", "FSIZE")])
bytearray(2 * 1024**3)
"""


def test_a_process_limits_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str([limits.MEMORY_MIB * 2**20, limits.CPU_SECONDS, 0, 1024**2])
    assert "MemoryError" in done.stderr
