"""python -m fuzz: mutate inputs of all targets for a while; exit status 1 if one breaks a law.

The same --seed gives the same inputs in the same order. A failing input is saved, and its path
printed: fix the cause, and move the file to corpus/<target>/, from where it is run ever after.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import time
from pathlib import Path
from random import Random

from fuzz.mutate import mutate
from fuzz.targets import targets
from fuzz.worker import Worker

TIMEOUT_S = 60.0
FINDINGS = Path(".fleet/fuzz")
_REPORT_EVERY_S = 10.0


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", help="only this one")
    options = parser.parse_args()
    chosen = {
        name: target
        for name, target in targets().items()
        if not options.target or name in options.target
    }
    if not chosen:
        parser.error(f"no target {options.target}; there are {', '.join(targets())}")
    seeds = {name: list(target.seeds.values()) for name, target in chosen.items()}
    random = Random(options.seed)
    worker = Worker("fuzz.worker", TIMEOUT_S)
    begun = reported = time.monotonic()
    findings: dict[tuple[str, str], Path] = {}
    tried = 0
    try:
        for name in itertools.cycle(chosen):
            now = time.monotonic()
            if now - begun > options.seconds:
                break
            if sys.stderr.isatty() and now - reported > _REPORT_EVERY_S:
                print(f"{tried} inputs, {len(findings)} findings", file=sys.stderr)
                reported = now
            data = mutate(random.choice(seeds[name]), random, seeds[name])
            tried += 1
            failure = worker.run(name, data)
            if failure and (name, failure.kind) not in findings:
                path = FINDINGS / name / hashlib.sha256(data).hexdigest()[:12]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                findings[name, failure.kind] = path
                print(
                    f"{name}: {failure.kind}, saved as {path}\n{failure.details}", file=sys.stderr
                )
    finally:
        worker.stop()
    print(f"{tried} inputs to {len(chosen)} targets, seed {options.seed}: {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
