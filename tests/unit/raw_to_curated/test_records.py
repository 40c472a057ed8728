from __future__ import annotations

import csv
import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import Curated, parse_csv
from data_plane.retail import GOOD, HEADER, RETAIL, rejection_of, replace, retail
from datalake.contracts.curated import ORDERS
from raw_to_curated.reasons import ObjectReason
from raw_to_curated.records import MAX_LINES_PER_RECORD


def test_quoted_fields_may_contain_line_breaks() -> None:
    curated = retail(replace(2, '"two\r\nlines, ""quoted"""') + GOOD)
    orders = curated.tables[ORDERS]
    assert orders["description"].to_list() == ['two\nlines, "quoted"', "WHITE HOLDER"]
    assert orders["line_number"].to_list() == [2, 4]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_after_it() -> None:
    good = [GOOD.replace("536365", str(536366 + number)) for number in range(200)]
    good[50] = replace(2, '"never closed')
    good[150] = replace(2, 'closed"')
    curated = retail("".join(good))
    assert curated.tables[ORDERS].height == 198
    assert curated.quarantine["line_number"].to_list() == [52, 152]


def test_a_record_over_too_many_lines_is_not_believed() -> None:
    def spanning(lines: int) -> Curated:
        return retail(replace(2, '"' + "\n".join("x" * lines) + '"'))

    assert spanning(MAX_LINES_PER_RECORD).quarantine.is_empty()
    assert spanning(MAX_LINES_PER_RECORD + 1).quarantine.height == MAX_LINES_PER_RECORD + 1


FIELD = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=6)


# The first call of an engine is slow: no deadline.
@settings(deadline=None)
@given(st.lists(st.lists(FIELD, min_size=8, max_size=8), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    records = parse_csv(RETAIL, HEADER + buffer.getvalue())
    assert records.malformed.is_empty()
    # Beyond the limit of lines per record a field could be refused; these are far below.
    read = records.rows.select(RETAIL.column_names).rows()
    assert read == [tuple(field or None for field in row) for row in rows]


ANY = st.characters(exclude_categories=["Cs"])
ROWS = st.one_of(
    st.text(alphabet='",\n\r 5C-.é', max_size=40),
    st.text(ANY, max_size=40),
    st.just(GOOD),
    st.tuples(st.integers(0, 7), st.text(ANY, max_size=8)).map(lambda pair: replace(*pair)),
)


@settings(deadline=None)
@given(st.lists(ROWS, max_size=12).map("".join))
def test_no_text_is_lost_or_crashes_the_parser(text: str) -> None:
    if "\0" in text:
        assert rejection_of((HEADER + text).encode()).reason is ObjectReason.NUL_BYTE
        return
    curated = retail(text)  # raises unless every row is accounted for
    if '"' not in text:
        lines = text.replace("\r\n", "\n").split("\n")
        # Python takes four control characters for white space that Unicode does not.
        blank = re.compile(r"[^\S\x1c-\x1f]*")
        assert curated.rows_in == sum(not blank.fullmatch(line) for line in lines)
