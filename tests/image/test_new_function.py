"""`make new` gives a function that locks, builds, verifies, passes its tests and smoke tests."""

import subprocess

import pytest

from checkout import copy_checkout
from fleet.paths import ROOT

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(("name", "kind"), [("order-totals", "api"), ("order-sums", "pipeline")])
def test_works_as_it_is(tmp_path, name, kind):
    checkout = copy_checkout(tmp_path)

    def make(*arguments: str) -> str:
        result = subprocess.run(
            ["make", f"VENV={ROOT}/.venv", *arguments],
            cwd=checkout, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    make("new", f"NAME={name}", f"KIND={kind}")
    make("lock")
    output = make("build", "verify", "smoke", f"FUNCTION={name}")
    tests = make("test", f"TESTS=tests/unit/{name.replace('-', '_')}")

    assert f"{name}  verified" in output
    assert "1 passed, 0 failed" in output or "passed  init" in output
    assert " passed" in tests
    assert " failed" not in tests
