from __future__ import annotations

import hashlib
import io
from contextlib import nullcontext
from pathlib import Path

import polars as pl

from data_plane.curation import UPLOADED
from data_plane.retail import GOOD, HEADER
from datalake.contracts.curated import ORDERS, QUARANTINE
from raw_to_curated.curate import segments
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.distinct import FIRST_LINE
from raw_to_curated.reader import Reader
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.results import Output, Results, new_summary, rewritten, table_of
from raw_to_curated.sources import SOURCES

SOURCE = SOURCES["online-retail"]
KEY = "online-retail/a.csv"
BAD = "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"


def outputs(folder: Path, rows: str) -> list[Output]:
    results = Results(SOURCE, KEY, folder, assess=False)
    body = (HEADER + rows).encode()
    reader = Reader(SOURCE, KEY, folder)
    batches = reader.batches(lambda: nullcontext(io.BytesIO(body)))
    results.add_all(segments(SOURCE, KEY, batches, DateLimits(UPLOADED)))
    return results.finish()[0]


def test_an_object_has_a_file_of_every_table_and_the_report_knows_it(tmp_path: Path) -> None:
    made = outputs(tmp_path, GOOD + BAD)
    assert [output.table.name for output in made] == ["orders", "returns", "quarantine"]
    for output in made:
        content = output.path.read_bytes()
        assert output.file.sha256 == hashlib.sha256(content).hexdigest()
        assert output.file.size == len(content)
        assert output.file.rows == pl.read_parquet(content).height
        assert table_of(output.file) is output.table
    orders, returns, _ = (output.file for output in made)
    assert orders.time_range["ordered_at"].min == "2010-12-01T08:26:00.000000Z"
    assert returns.time_range["ordered_at"].max is None


def test_rows_that_repeat_an_earlier_part_leave_a_file(tmp_path: Path) -> None:
    orders, _, quarantine = outputs(tmp_path, GOOD + GOOD.replace("536365", "536366") + BAD)
    again = pl.DataFrame({LINE_NUMBER: [3, 4], FIRST_LINE: [900, 901]})
    body = orders.path.read_bytes()
    content, file, removed, reasons = rewritten(orders.file, body, again, tmp_path)
    assert (file.rows, removed, reasons) == (1, 1, None)
    assert pl.read_parquet(content)["line_number"].to_list() == [2]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    body = quarantine.path.read_bytes()
    _, file, removed, reasons = rewritten(quarantine.file, body, again, tmp_path)
    assert (file.table, file.rows, removed) == (QUARANTINE.name, 0, 1)
    assert reasons == {"non_positive_price": 1}
    same = rewritten(orders.file, orders.path.read_bytes(), again.clear(), tmp_path)
    assert same[1:] == (orders.file, 0, None)


def test_only_orders_have_a_quality_section() -> None:
    assert SOURCE.table is ORDERS
    assert new_summary(SOURCE) is not None
    assert new_summary(SOURCES["price-list"]) is None
