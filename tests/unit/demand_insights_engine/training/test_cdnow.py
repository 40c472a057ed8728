"""Purchases of customers from files of CDNOW's form."""

from datetime import date

import polars as pl
import pytest

HEADED = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
"""
SAMPLED = """ 00004 0001 19970101  2   29.33
 00004 0001 19970118  2   29.73

 00021 0002 19970101  3   63.34
"""


@pytest.fixture
def cdnow(training_module):
    return training_module("cdnow")


@pytest.fixture
def read(cdnow, tmp_path):
    def of(content, suffix="txt"):
        path = tmp_path / f"purchases.{suffix}"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            content.write_parquet(path)
        return cdnow.read(path)

    return of


def test_purchases_of_a_day_are_one_day(read):
    assert read(HEADED).rows() == [
        ("00001", date(1997, 1, 1), 1, 11.77, 0.0),
        ("00002", date(1997, 1, 12), 2, 89.0, 0.0),
    ]


def test_the_number_of_the_master_file_is_left_out(read):
    assert read(SAMPLED)["customer_id"].to_list() == ["0001", "0001", "0002"]


@pytest.mark.parametrize("day", ["19970101", "1997-01-01", "1997-01-01T08:30:00"])
def test_other_files_have_the_same_columns(read, day):
    table = {"customer_id": ["a"], "date": [day], "quantity": ["1"], "amount": ["5.5"]}
    found = [("a", date(1997, 1, 1), 1, 5.5, 0.0)]

    assert read(f"customer_id,date,quantity,amount\na,{day},1,5.5\n", "csv").rows() == found
    assert read(pl.DataFrame(table), "parquet").rows() == found


def test_typed_columns_are_read(read):
    table = pl.DataFrame(
        {"customer_id": [7], "date": [date(2024, 2, 29)], "quantity": [1], "amount": [3]}
    )

    assert read(table, "parquet").rows() == [("7", date(2024, 2, 29), 1, 3.0, 0.0)]


def test_the_sample_of_the_paper_has_2357_customers(cdnow):
    assert cdnow.read(cdnow.sample())["customer_id"].n_unique() == 2_357


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no purchases"),
        ("customer_id date quantity amount\n", "has no purchases"),
        ("1 19970101 1\n", "line 1 has 3 columns"),
        ("1 19970101 1 2.5\n\n2 19970102 1\n", "line 3 has 3 columns, not 4"),
        ("1 19970231 1 2.5\n", "row 1: date is '19970231'; it must be a date"),
        ("1 19970101 1 2.5\n2 19970101 x 3\n", "row 2: quantity is 'x'"),
        ("1 19970101 1 2.5\n2 19970101 1 -3\n", "row 2: amount is '-3'"),
        ("1 19970101 1 2.5\n2 19970101 1 nan\n", "row 2: amount is 'nan'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(cdnow, read, content, said):
    with pytest.raises(cdnow.PurchasesError, match=said):
        read(content)


def test_other_columns_and_files_are_refused(cdnow, read, tmp_path):
    with pytest.raises(cdnow.PurchasesError, match="lacks quantity"):
        read("customer_id,date,amount\n1,19970101,2\n", "csv")
    with pytest.raises(cdnow.PurchasesError, match=r"must end in \.txt"):
        cdnow.read(tmp_path / "purchases.json")
    with pytest.raises(cdnow.PurchasesError, match="cannot be read"):
        cdnow.read(tmp_path / "none.csv")
