from __future__ import annotations

import io
import json
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest

from data_plane.curation import curate
from data_plane.sources import CARD, card_frame, rejected
from data_plane.split_objects import row_groups
from raw_to_curated.reasons import RejectedError
from raw_to_curated.typed_files import parquet, parquet_rows


def test_parquet() -> None:
    body = io.BytesIO()
    card_frame().write_parquet(body)
    curated = curate(CARD, "card-transactions/a.parquet", body.getvalue())
    (frame,) = curated.tables.values()
    assert frame["amount"].to_list() == [Decimal("163.6400"), Decimal("0.0500")]
    assert frame["is_fraud"].to_list() == [False, True]
    assert frame["terminal_id"].to_list() == ["5161", None]
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"]) == (["missing_required"], 3)
    assert json.loads(bad["raw_text"])["CUSTOMER_ID"] == "8"


def test_rows_are_numbered_through_row_groups() -> None:
    body = row_groups(5_000, 700)
    curated = curate(CARD, "card-transactions/a.parquet", body)
    (table,) = curated.tables.values()
    numbers = pl.concat([table["line_number"], curated.quarantine["line_number"]]).sort()
    assert numbers.to_list() == list(range(1, 5_001))
    assert curated.reader.expected_rows == 5_000


def test_a_file_without_rows() -> None:
    body = io.BytesIO()
    card_frame().clear().write_parquet(body)
    curated = curate(CARD, "card-transactions/a.parquet", body.getvalue())
    assert (curated.rows_in, curated.reader.expected_rows) == (0, 0)
    assert set(curated.reader.observed.columns.values()) == {"empty"}


def patched(body: bytes, *numbers: tuple[int, int]) -> bytes:
    """The file with other numbers in its footer: old ones, as varints in zigzag, for new ones."""
    start = len(body) - 8 - int.from_bytes(body[-8:-4], "little")
    footer = body[start:-8]
    for old, new in numbers:
        assert zigzag(old) in footer
        assert len(zigzag(old)) == len(zigzag(new))
        footer = footer.replace(zigzag(old), zigzag(new))
    return body[:start] + footer + body[-8:]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        # The rows of the file alone; of its row groups too, and of their columns.
        ([(5_000, 4_999)], "its footer speaks of 4999 rows"),
        ([(5_000, 8_000)], "its footer speaks of 8000 rows"),
        ([(5_000, 5_002), (2_500, 2_501)], "by its footer"),
        ([(5_000, 4_998), (2_500, 2_499)], "by its footer"),
    ],
)
def test_a_footer_that_lies_about_rows(numbers: list[tuple[int, int]], expected: str) -> None:
    body = patched(row_groups(5_000, 2_500), *numbers)
    error = rejected(CARD, "card-transactions/a.parquet", body)
    assert error.reason == "corrupt_parquet"
    assert expected in error.message


def test_frames_that_are_not_the_rows_of_the_footer(monkeypatch: pytest.MonkeyPatch) -> None:
    body = row_groups(5_000, 2_500)
    original = parquet_rows._batches
    for lie in (
        lambda found: (frame[:-1] for frame in found),
        lambda found: (pl.concat([frame, frame[:1]]) for frame in found),
        lambda found: (frame for table in found for frame in (table, table)),
        lambda found: iter(()),
    ):
        monkeypatch.setattr(parquet_rows, "_batches", lambda *a, lie=lie: lie(original(*a)))
        error = rejected(CARD, "card-transactions/a.parquet", body)
        assert "rows than its footer says" in error.message


def test_more_rows_than_bytes_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BELIEVED_ROWS", 10)
    monkeypatch.setattr(parquet, "_ROWS_PER_BYTE", 0)
    error = rejected(CARD, "card-transactions/a.parquet", row_groups(50, 50))
    assert error.reason == "decompression_bomb"


def zigzag(number: int) -> bytes:
    value = number << 1
    return bytes([value & 0x7F | 0x80, value >> 7])


def test_any_damaged_byte_of_a_footer_is_an_outcome() -> None:
    """The rows as they are, or a rejection, also by a panic, which ends a worker."""
    key = "card-transactions/a.parquet"
    body = row_groups(8, 4)
    whole = curate(CARD, key, body)
    begin = len(body) - 8 - int.from_bytes(body[-8:-4], "little")
    outcomes: Counter[str] = Counter()
    for position in range(begin, len(body), 7):
        damaged = bytearray(body)
        damaged[position] ^= 0xFF
        try:
            found = curate(CARD, key, bytes(damaged))
        except RejectedError as error:
            outcomes[error.reason] += 1
        except pl.exceptions.PanicException:
            outcomes["panic"] += 1
        else:
            for table, frame in whole.tables.items():
                assert found.tables[table].equals(frame)
            assert found.quarantine.equals(whole.quarantine)
            outcomes["same"] += 1
    assert outcomes["corrupt_parquet"] > outcomes.total() / 2
