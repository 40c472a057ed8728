"""Every sample and every input that the fuzzer once failed on keeps the laws of its target."""

from __future__ import annotations

import pytest

from fuzz.targets import Target, targets

TARGETS = targets()


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_seeds(target: Target) -> None:
    for name, data in target.seeds.items():
        try:
            target.run(data)
        except BaseException as error:
            error.add_note(f"input {name}")
            raise
