"""Groups by the letters of codes."""

import pytest

from demand_insights_engine.demand.groups import OTHER, group_of


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("FUR-BO-10001798", "FUR-BO"),
        ("TEC-AC-10002167", "TEC-AC"),
        ("tec-ac-1", "TEC-AC"),
        ("SKU0012", "SKU"),
        ("85123A", OTHER),
        ("A1", OTHER),
        ("GIFT", OTHER),
        ("", OTHER),
        ("ÄÖ_7", "ÄÖ"),
    ],
)
def test_groups(code, group):
    assert group_of(code) == group
