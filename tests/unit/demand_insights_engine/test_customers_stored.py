"""Insights on customers read for an answer: what needs no HTTP."""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import customers_stored
from fleet.paths import ROOT

AS_OF = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("read", "query"),
    [
        (customers_stored.card, {"customer_id": "a", "currency": None}),
        (customers_stored.segments, {"currency": None}),
        (customers_stored.cohorts, {"currency": None, "limit": 1}),
        (customers_stored.recommendations, {"customer_id": "a"}),
        (customers_stored.leaving, {"currency": None, "min_probability": 0.5, "limit": 1}),
    ],
)
def test_a_source_without_insights_has_no_answer(read, query):
    assert read(MemoryStorage(), "insights", source="shop", **query) is None


@pytest.mark.parametrize(("days", "points"), [(1, 1), (7, 1), (8, 2), (20, 3), (9_000, 104)])
def test_activity_is_told_by_week_back_to_the_first_purchase(days, points):
    first = AS_OF - timedelta(days=days)

    weekly = customers_stored._weekly(first, AS_OF)

    assert len(weekly) == points
    assert weekly[-1] == AS_OF
    assert all(first < day for day in weekly)


def test_its_import_is_without_what_fits_models():
    """scipy alone takes a second of the first answer."""
    paths = [path for path in sys.path if path.startswith(str(ROOT))]
    code = (
        f"import sys; sys.path += {paths!r}; import demand_insights_engine.customers_stored; "
        "print(*sys.modules, sep='\\n')"
    )

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert set(found.stdout.split()) & {"scipy", "sklearn", "xgboost"} == set()
