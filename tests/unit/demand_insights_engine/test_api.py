"""The API as a whole."""

import subprocess
import sys

from fleet.paths import ROOT

HEAVY = {"polars", "scipy", "sklearn", "xgboost"}
"""Each takes a quarter of a second of a cold start, or more."""


def test_its_import_is_without_what_only_some_answers_need():
    paths = [path for path in sys.path if path.startswith(str(ROOT))]
    code = (
        f"import sys; sys.path += {paths!r}; import demand_insights_engine.api; "
        "print(*sys.modules, sep='\\n')"
    )

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert set(found.stdout.split()) & HEAVY == set()
