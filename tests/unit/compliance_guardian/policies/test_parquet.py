"""Copies of Parquet files: the same schema, rows and order."""

import decimal

import polars as pl
import pytest

from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.policies import parquet
from compliance_guardian.policies.values import Replacement
from datalake.policies import CARD_DATA

NUMBER, SHOWN = "4539578763621486", "453957******1486"
HASH = Replacement(b"k" * 32)


def copy(frame, tmp_path, replacement=Replacement()):  # noqa: B008 - it is frozen
    frame.write_parquet(tmp_path / "source")
    parquet.rewrite(tmp_path / "source", tmp_path / "target", CARD_DATA, replacement)
    return pl.read_parquet(tmp_path / "target")


@pytest.mark.parametrize(
    ("value", "dtype", "masked"),
    [
        (NUMBER, pl.String(), SHOWN),
        (NUMBER, pl.Categorical(), SHOWN),
        (NUMBER.encode(), pl.Binary(), SHOWN.encode()),
        (int(NUMBER), pl.Int64(), 4539570000001486),
        (int(NUMBER), pl.UInt64(), 4539570000001486),
        (float(NUMBER), pl.Float64(), 4539570000001486.0),
        (decimal.Decimal(NUMBER), pl.Decimal(20, 2), decimal.Decimal("4539570000001486.00")),
        ([NUMBER], pl.List(pl.String()), [SHOWN]),
        ({"a": int(NUMBER)}, pl.Struct({"a": pl.Int64()}), {"a": 4539570000001486}),
    ],
)
def test_values_of_every_type(tmp_path, monkeypatch, value, dtype, masked):
    monkeypatch.setattr(parquet, "ROWS", 2)
    frame = pl.DataFrame({"n": [1, 2, 3], "card": pl.Series([None, value, None], dtype=dtype)})

    copied = copy(frame, tmp_path)

    assert copied.schema == frame.schema
    assert copied["n"].to_list() == [1, 2, 3]
    assert copied["card"].to_list() == [None, masked, None]
    hashed = copy(frame, tmp_path, HASH)
    assert NUMBER not in str(hashed.rows())


def test_texts_and_integers_have_the_same_token(tmp_path):
    frame = pl.DataFrame({"card": [NUMBER], "card_2": [int(NUMBER)]})

    [(text, number)] = copy(frame, tmp_path, HASH).rows()

    assert text == str(number)


def test_what_cannot_be_replaced_is_refused_without_naming_it(tmp_path):
    frame = pl.DataFrame({"card": pl.Series([NUMBER], dtype=pl.Enum([NUMBER]))})

    with pytest.raises(UnreadableError, match="type Enum") as error:
        copy(frame, tmp_path)
    assert NUMBER not in str(error.value)


def test_a_file_without_rows(tmp_path):
    frame = pl.DataFrame(schema={"card": pl.String()})
    frame.write_parquet(tmp_path / "source")
    parquet.rewrite(tmp_path / "source", tmp_path / "target", CARD_DATA, Replacement())

    assert pl.read_parquet(tmp_path / "target").equals(frame)
