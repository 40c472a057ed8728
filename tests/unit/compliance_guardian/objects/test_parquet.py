"""Findings in Parquet files."""

import polars as pl
import pytest

from compliance_guardian.objects import parquet
from compliance_guardian.objects.results import Progress, UnreadableError

NUMBER = "4539578763621486"


@pytest.fixture
def found(tmp_path):
    def find(frame: pl.DataFrame):
        frame.write_parquet(tmp_path / "file")
        progress = Progress()
        return list(parquet.find(tmp_path / "file", progress)), progress

    return find


@pytest.mark.parametrize(
    "values",
    [
        [None, NUMBER, "x"],
        [1, int(NUMBER), None],
        [1.5, float(NUMBER), None],
        [{"a": "x"}, {"a": NUMBER}, {"a": None}],
        [["x"], ["y", NUMBER], None],
        [b"x", NUMBER.encode(), b"\xff"],
    ],
)
def test_every_type_that_can_hold_one(found, values):
    [one], progress = found(pl.DataFrame({"id": [1, 2, 3], "value": values}))

    assert (one.field, one.row, one.byte, one.line) == ("value", 2, None, None)
    assert progress.rows == 3


def test_pieces_give_the_same(found, monkeypatch):
    frame = pl.DataFrame({"card": [NUMBER if i % 5 == 0 else str(i) for i in range(100)]})
    whole = found(frame)
    monkeypatch.setattr(parquet, "ROWS", 7)

    assert found(frame) == whole
    assert len(whole[0]) == 20


def test_damage_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"PAR1 and no more PAR1")

    with pytest.raises(UnreadableError, match="Parquet file is damaged"):
        list(parquet.find(tmp_path / "file", Progress()))
