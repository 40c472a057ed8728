"""The cheap expressions against the rules."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import parse_csv
from data_plane.retail import HEADER, RETAIL
from raw_to_curated import clean as clean_module

FIELDS = [
    st.sampled_from(["536365", "C536365", " 536365", "A1", ""]),
    st.sampled_from(["85123A", " x ", ""]),
    st.sampled_from(["WHITE", " W ", "", "é"]),
    st.sampled_from(["6", "-6", "+6", "6.0", " 6", "0", "", "x", "1_0", "99999999999", "0x1", "٣"]),
    st.sampled_from(
        [
            "2010-12-01 08:26:00",
            " 2010-12-01 08:26:00",
            "20111-12-01 00:00:00",
            "",
            "2011-03-27 01:30:00",
        ]
    ),
    st.sampled_from(
        [
            "2.55",
            "2.5555",
            "2.55555",
            "1e3",
            ".5",
            "5.",
            "-1",
            "+2",
            "NaN",
            "inf",
            "",
            " 3",
            "0",
            "9" * 15,
        ]
    ),
    st.sampled_from(["17850", "17850.0", "17850.00", "A.0", "", " 7 ", "1.5", ".0"]),
    st.sampled_from(["UK", " UK", ""]),
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(*FIELDS), min_size=1, max_size=20))
def test_the_cheap_expressions_say_what_the_rules_say(rows: list[tuple[str, ...]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    found = parse_csv(RETAIL, HEADER + text).rows
    quickly, by_rules = clean_module.clean(found, RETAIL), clean_module._by_the_rules(found, RETAIL)
    assert quickly.failed.equals(by_rules.failed)
    for table, frame in by_rules.tables.items():
        assert quickly.tables[table].equals(frame)
