"""The cheap expressions against the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import parse_csv
from data_plane.retail import HEADER, RETAIL
from raw_to_curated import clean
from raw_to_curated.clean import Cleaner
from raw_to_curated.date_limits import DateLimits

DATES = DateLimits(datetime(2011, 12, 11, tzinfo=UTC), date(2010, 1, 1), date(2012, 1, 1))
CODES = [
    "85123A",
    " x ",
    "",
    "POST",
    "7e2",
    "7.0",
    "NaN",
    "e2",
    "1e",
    "\u200b1",
    "٣1",
    "#N/A",
    "C2",
]
NUMBERS = ["1e3", ".5", "5.", "+2", "NaN", "inf", "", " 3", "0", "-0.0", "9" * 15, "0" * 40 + "7"]
TINY = ["0.00001", "-0.00001", "1000000000.00001", "1" * 400, "." + "0" * 400 + "1"]
INT64 = [str(-(2**63)), str(2**63 - 1), str(2**63)]
FIELDS = [
    st.sampled_from(["536365", "C536365", " 536365", "A1", ""]),
    st.sampled_from(CODES),
    st.sampled_from(["WHITE", " W ", "", "é"]),
    st.sampled_from(
        ["6", "-6", "+6", "6.0", "x", "1_0", "99999999999", "0x1", "٣", *NUMBERS, *INT64]
    ),
    st.sampled_from(
        [
            "2010-12-01 08:26:00",
            " 2010-12-01 08:26:00",
            "2010-12-1  08:26:00",
            "2010-12-01\t08:26:00",
            "2010-12-01 08:26:60",
            "20111-12-01 00:00:00",
            "+010-12-01 00:00:00",
            "0000-12-01 00:00:00",
            "2009-12-31 23:59:59",
            "2011-12-11 00:00:01",
            "2012-01-02 00:00:00",
            "",
            "2011-03-27 01:30:00",
        ]
    ),
    st.sampled_from(["2.55", "2.5555", "2.55555", *NUMBERS, *TINY, *INT64]),
    st.sampled_from(["17850.0", "17850.00", "A.0", " 7 ", "1.5", ".0", *CODES]),
    st.sampled_from(["UK", " UK", ""]),
]


@settings(max_examples=300)
@given(st.lists(st.tuples(*FIELDS), min_size=1, max_size=20), st.integers(1, 3))
def test_the_cheap_expressions_say_what_the_rules_say(
    rows: list[tuple[str, ...]], times: int
) -> None:
    text = "".join((",".join(row) + "\n") * times for row in rows)
    found = parse_csv(RETAIL, HEADER + text).rows
    quickly = Cleaner(RETAIL, DATES).clean(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clean, "plain_form", lambda *_: None)
        by_rules = Cleaner(RETAIL, DATES).clean(found)
    assert quickly.failed.equals(by_rules.failed)
    for table, frame in by_rules.tables.items():
        assert quickly.tables[table].equals(frame)
