from __future__ import annotations

from data_plane.curation import curate, parse_csv
from data_plane.retail import GOOD, HEADER, KEY, RETAIL
from datalake.contracts.curated import ORDERS
from raw_to_curated.records import LINE_NUMBER


def test_blank_lines_are_counted_and_are_no_rows() -> None:
    curated = curate(RETAIL, KEY, ("\n" + HEADER + "\n" + GOOD + "  \n\n").encode())
    assert (curated.rows_in, curated.blank_lines) == (1, 4)
    assert curated.tables[ORDERS]["line_number"].to_list() == [4]


def test_line_numbers_count_physical_lines() -> None:
    records = parse_csv(RETAIL, HEADER + "\n" + GOOD + "x\n" + GOOD)
    assert records.rows[LINE_NUMBER].to_list() == [3, 5]
    assert records.malformed[LINE_NUMBER].to_list() == [4]
