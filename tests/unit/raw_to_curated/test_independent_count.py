"""A second reader finds the rows of the first one, and says so where it does not."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data_plane.curation import curate
from data_plane.retail import RETAIL
from data_plane.sources import CARD
from data_plane.split_objects import PARQUET_KEY, row_groups
from data_plane.uploads import BAD, FULL, HEADER, KEY, ORDER, SETTINGS, SMALL, upload
from data_plane.workbooks import number, prices, row, text
from datalake.memory import MemoryStorage
from datalake.quality_report import CuratedReport, IndependentCount
from datalake.storage import Readable
from lambda_app.s3_events import CreatedObject
from raw_to_curated import independent_count
from raw_to_curated.curate import Counts
from raw_to_curated.independent_count import IndependentCounter, of_parts
from raw_to_curated.reasons import RejectedError
from raw_to_curated.service import Service
from raw_to_curated.sources import source_of

CUSTOMER = '{"CustomerID": "1", "Country": "UK"}\n'


def counted(
    key: str, body: bytes, folder: Path, counts: Counts, size: int | None = None
) -> IndependentCount | None:
    """The verdict on counts, after the whole body was read."""
    source = source_of(key)
    assert source is not None
    storage = MemoryStorage()
    info = storage.write("raw", key, body)
    counter = IndependentCounter(source, key, info, folder)
    with counter.copied(nullcontext(io.BytesIO(body))) as stream:
        while stream.read(size or 1000):
            pass
    return counter.count(counts, None)


def rows(text: bytes | str, folder: Path, key: str = KEY) -> int:
    body = text if isinstance(text, bytes) else text.encode()
    found = counted(key, body, folder, Counts())
    assert found is not None
    return found.rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER, 0),
        (FULL, 4),
        (FULL.rstrip("\n"), 4),
        (FULL.replace("\n", "\r\n"), 4),
        ("\ufeff" + FULL, 4),
        ("\ufeff\n \n" + FULL + "\n\t\n\u2003\n", 4),
        (HEADER + ORDER.replace("WHITE", '"two\n\n  \nlines, ""quoted"""'), 1),
        (HEADER + ORDER.replace("WHITE", "a\rb"), 1),
        (HEADER + ORDER.replace("WHITE", "x" * 300_000) + ORDER, 2),
        (HEADER + ORDER.replace("WHITE HOLDER", '"' + "x\n" * 100_000 + '"') + ORDER, 2),
        (HEADER + ORDER.replace("WHITE", "\x00") + ORDER, 2),
        (HEADER + '""\n' + "a\n", 2),
        ((HEADER + ORDER.replace("WHITE", "Café")).encode("cp1252"), 1),
    ],
)
def test_the_records_of_a_text(text: bytes | str, expected: int, tmp_path: Path) -> None:
    assert rows(text, tmp_path) == expected


def test_compressed_text_is_unpacked(tmp_path: Path) -> None:
    assert rows(gzip.compress(FULL.encode()), tmp_path, KEY + ".gz") == 4
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.mkdir("folder")
        archive.writestr("folder/a.csv", FULL)
    assert rows(file.getvalue(), tmp_path, KEY + ".zip") == 4


def test_lines_of_json_and_of_aligned_columns(tmp_path: Path) -> None:
    text = CUSTOMER + "\n \n" + CUSTOMER + "not JSON\n"
    found = counted("customer-master/a.jsonl", text.encode(), tmp_path, Counts(rows_in=3))
    assert found == IndependentCount(method="lines", rows=3, agrees=True)
    assert rows(' a "b\n 1 2\n\n 3 "4\n', tmp_path, "cdnow/a.txt") == 2


def test_what_cannot_be_unpacked_again_agrees_with_nothing(tmp_path: Path) -> None:
    found = counted(KEY + ".gz", b"\x1f\x8bdamaged", tmp_path, Counts(rows_in=3))
    assert found == IndependentCount(method="csv", rows=0, agrees=False)


@pytest.mark.parametrize(
    ("rows_in", "reasons", "agrees"),
    [
        (2, (), True),
        (1, (), False),
        (3, (), False),
        (1, ("zero_quantity",), False),
        (3, ("wrong_field_count",), False),
        # The reader of the standard library ends a record at another line.
        (3, ("malformed_quoting",), True),
        (4, ("malformed_quoting",), True),
        (4, ("record_too_long",), True),
        (1, ("malformed_quoting",), True),
        (5, ("malformed_quoting",), False),
    ],
)
def test_when_two_readers_agree(
    rows_in: int, reasons: tuple[str, ...], agrees: bool, tmp_path: Path
) -> None:
    counts = Counts(rows_in=rows_in)
    counts.reasons.update(reasons)
    text = HEADER + ORDER + '1,"a\nb\nc\n'
    found = counted(KEY, text.encode(), tmp_path, counts)
    assert found == IndependentCount(method="csv", rows=2, agrees=agrees)


def test_small_objects_are_always_counted_and_of_others_a_share_by_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = FULL.encode()

    def share() -> float:
        keys = [f"online-retail/{number}.csv" for number in range(400)]
        found = [counted(key, body, tmp_path, Counts()) is not None for key in keys]
        assert found == [counted(key, body, tmp_path, Counts()) is not None for key in keys]
        return sum(found) / len(found)

    assert share() == 1
    monkeypatch.setattr(independent_count, "SMALL_BYTES", len(body) - 1)
    assert 0.02 < share() < 0.12
    monkeypatch.setattr(independent_count, "MAX_BYTES", len(body) - 1)
    assert share() == 0


def test_text_that_unpacks_to_too_much_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(independent_count, "MAX_UNPACKED_BYTES", 10_000)
    for line in ("x" * 50_000, "1,2\n" * 5_000):
        body = gzip.compress((HEADER + line).encode())
        assert counted(KEY + ".gz", body, tmp_path, Counts()) is None


def test_an_object_that_was_not_read_to_its_end_is_not_counted(tmp_path: Path) -> None:
    source = source_of(KEY)
    assert source is not None
    info = MemoryStorage().write("raw", KEY, FULL.encode())
    counter = IndependentCounter(source, KEY, info, tmp_path)
    with counter.copied(nullcontext(io.BytesIO(FULL.encode()))) as stream:
        stream.read(10)
    assert counter.count(Counts(rows_in=4), None) is None


@pytest.mark.parametrize(("row_groups", "agrees"), [(5, True), (6, False)])
def test_row_groups(row_groups: int, agrees: bool, tmp_path: Path) -> None:
    info = MemoryStorage().write("raw", PARQUET_KEY, b"")
    counter = IndependentCounter(CARD, PARQUET_KEY, info, tmp_path)
    found = counter.count(Counts(rows_in=5), row_groups)
    assert found == IndependentCount(method="row_groups", rows=row_groups, agrees=agrees)
    assert counter.count(Counts(rows_in=5), None) is None


WORKBOOK_KEY = "price-list/a.xlsx"
PRICED = row(text("85123A"), text("HOLDER"), text("Home"), number(2.55))


@pytest.mark.parametrize(("rows_in", "agrees"), [(2, True), (3, False), (1, False)])
def test_the_rows_of_a_workbook(rows_in: int, agrees: bool, tmp_path: Path) -> None:
    body = prices(PRICED, row(), row(text(" ")), PRICED)
    found = counted(WORKBOOK_KEY, body, tmp_path, Counts(rows_in=rows_in))
    assert found == IndependentCount(method="sheet_rows", rows=2, agrees=agrees)


def test_a_workbook_that_unpacks_to_too_much_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(independent_count, "MAX_UNPACKED_BYTES", 10_000)
    assert counted(WORKBOOK_KEY, prices(*[PRICED] * 100), tmp_path, Counts()) is None


def test_a_workbook_that_cannot_be_read_again_agrees_with_nothing(tmp_path: Path) -> None:
    found = counted(WORKBOOK_KEY, b"damaged", tmp_path, Counts(rows_in=3))
    assert found == IndependentCount(method="sheet_rows", rows=0, agrees=False)


def part_count(body: bytes, start: int, end: int, folder: Path, counts: Counts) -> object:
    """The verdict on a part that is read after the header of its object."""
    info = MemoryStorage().write("raw", KEY, body)
    counter = IndependentCounter(RETAIL, KEY, info, folder, (start, end))

    def opened(begin: int, stop: int | None) -> AbstractContextManager[Readable]:
        return nullcontext(io.BytesIO(body[begin:stop]))

    copying = counter.copied_range(opened)
    for begin, stop in ((0, None), (start, end)):
        with copying(begin, stop) as stream:
            while stream.read(100):
                pass
    return counter.count(counts, None)


def test_only_the_first_part_has_a_header(tmp_path: Path) -> None:
    body = (HEADER + ORDER * 5).encode()
    middle = len(HEADER) + 2 * len(ORDER)
    for start, end, rows_in in ((0, middle, 2), (middle, len(body), 3)):
        found = part_count(body, start, end, tmp_path, Counts(rows_in=rows_in))
        assert found == IndependentCount(method="csv", rows=rows_in, agrees=True)


def test_a_part_is_too_large_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (HEADER + ORDER * 5).encode()
    monkeypatch.setattr(independent_count, "MAX_BYTES", len(HEADER) + len(ORDER))
    counts = Counts(rows_in=1)
    assert part_count(body, len(HEADER), len(HEADER) + len(ORDER), tmp_path, counts)
    assert part_count(body, len(HEADER), len(body), tmp_path, counts) is None


def test_parts_are_counted_together_or_not_at_all() -> None:
    two = IndependentCount(method="csv", rows=2, agrees=True)
    three = IndependentCount(method="csv", rows=3, agrees=False)
    assert of_parts([two, two]) == IndependentCount(method="csv", rows=4, agrees=True)
    assert of_parts([two, three]) == IndependentCount(method="csv", rows=5, agrees=False)
    assert of_parts([two, None]) is None
    assert of_parts([]) is None


def test_the_report_has_the_count(storage: MemoryStorage) -> None:
    service = Service(storage, SETTINGS)
    storage.write("raw", PARQUET_KEY, row_groups(50, 20))
    storage.write("raw", WORKBOOK_KEY, prices(PRICED))
    for raw_object, method, size in (
        (upload(storage, FULL, "0A"), "csv", 4),
        (upload(storage, SMALL, "0B"), "csv", 1),
        (CreatedObject(PARQUET_KEY), "row_groups", 50),
        (CreatedObject(WORKBOOK_KEY), "sheet_rows", 1),
    ):
        made = service.process(raw_object).report
        assert isinstance(made, CuratedReport)
        assert made.counted_independently == IndependentCount(method=method, rows=size, agrees=True)


PIECES = st.sampled_from(
    [
        *(ORDER, BAD, HEADER, '"', '""', ",", "\n", "\r\n", "\r", " ", "a", "é", "\ufeff", "\t\n"),
        *(ORDER.replace("WHITE", '"WHITE'), ORDER.replace("WHITE HOLDER", '"a\nb, ""c"""')),
        *(ORDER.replace("WHITE", 'WH"ITE'), '"a\n' + ORDER, ORDER.replace("\n", '"\n')),
        "Caf\udcc3\n",
    ]
)


@hypothesis_settings(max_examples=60)
@given(st.lists(PIECES, max_size=30))
@example(["\ufeff", ORDER.replace("WHITE", '"WHITE'), ORDER])
@example(['"Caf\udcc3\n', ORDER])
def test_both_readers_agree_on_any_text(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    body = (HEADER + "".join(pieces)).encode(errors="surrogateescape")
    source = source_of(KEY)
    assert source is not None
    try:
        first = curate(source, KEY, body)
    except RejectedError:
        return
    counts = Counts(rows_in=first.rows_in)
    counts.reasons.update(first.quarantine["reasons"].explode().drop_nulls().to_list())
    found = counted(KEY, body, tmp_path_factory.mktemp("any"), counts)
    assert found is not None
    assert found.agrees, (found, counts)
