"""Retail lines from a file, and the demand that they make."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

MONDAY = datetime(2024, 1, 1, 9)


@pytest.fixture
def lines(training_module):
    return training_module("lines")


def orders(**changes):
    """Two products over two weeks, in the form of the contract."""
    columns = {
        "product_id": ["A", "A", "B", "A"],
        "description": ["tray", None, "lamp", "tray, new"],
        "quantity": [2, 3, 1, 4],
        "unit_price": [1.0, 3.0, 5.0, 2.0],
        "ordered_at": [
            MONDAY,
            datetime(2024, 1, 7, 23),
            datetime(2024, 1, 9),
            datetime(2024, 1, 14),
        ],
        "line_type": ["product"] * 4,
    }
    return pl.DataFrame({**columns, **changes})


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_lines_of_the_contract_become_weeks(lines, tmp_path, suffix):
    file = tmp_path / f"orders{suffix}"
    orders().write_parquet(file) if suffix == ".parquet" else orders().write_csv(file)
    found = lines.weekly(lines.read(file))
    assert found.products.tolist() == ["A", "B"]
    assert found.descriptions.tolist() == ["tray, new", "lamp"]
    assert (found.start, found.days, found.periods) == (date(2024, 1, 1), 7, 2)
    np.testing.assert_array_equal(found.units, [[5, 4], [np.nan, 1]])
    np.testing.assert_array_equal(found.price, [[2, 2], [np.nan, 5]])


def test_days_and_whole_weeks_only(lines, tmp_path):
    file = tmp_path / "orders.parquet"
    started = [
        datetime(2024, 1, 3),
        datetime(2024, 1, 8),
        datetime(2024, 1, 14),
        datetime(2024, 1, 16),
    ]
    orders(ordered_at=started).write_parquet(file)
    rows = lines.read(file)
    assert (lines.weekly(rows).start, lines.weekly(rows).periods) == (date(2024, 1, 8), 1)
    assert lines.daily(rows).periods == 14


def test_what_is_no_sale_of_goods_is_left_out(lines, tmp_path):
    file = tmp_path / "orders.parquet"
    orders(
        line_type=["product", "postage", "product", "product"], quantity=[1, 1, -1, 0]
    ).write_parquet(file)
    assert lines.read(file).height == 1


def test_online_retail_has_its_own_columns_and_codes(lines, tmp_path):
    file = tmp_path / "retail.csv"
    pl.DataFrame(
        {
            "InvoiceNo": ["1", "1", "C2", "3", "3"],
            "StockCode": ["85123A", "POST", "85123A", "22633", "22633"],
            "Description": ["HOLDER", "POSTAGE", "HOLDER", "WARMER", "WARMER"],
            "Quantity": [6, 1, -6, 2, 2],
            "UnitPrice": [2.5, 18.0, 2.5, 0.0, 1.8],
            "InvoiceDate": [MONDAY] * 5,
        }
    ).write_csv(file)
    assert lines.read(file)["product_id"].to_list() == ["22633", "85123A"]


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (lambda file: None, "cannot be read"),
        (lambda file: orders().drop("quantity").write_parquet(file), "lacks quantity"),
        (lambda file: orders(quantity=[0] * 4).write_parquet(file), "no line with a positive"),
        (lambda file: orders(quantity=["x"] * 4).write_parquet(file), "another type"),
    ],
)
def test_a_file_of_another_form_is_named(lines, tmp_path, write, named):
    file = tmp_path / "orders.parquet"
    write(file)
    with pytest.raises(lines.LinesError, match=named):
        lines.read(file)


def test_another_suffix_is_refused(lines, tmp_path):
    with pytest.raises(lines.LinesError, match=r"neither of \.parquet"):
        lines.read(tmp_path / "orders.xlsx")


def test_without_a_whole_week_there_is_no_demand(lines, tmp_path):
    file = tmp_path / "orders.parquet"
    orders(ordered_at=[datetime(2024, 1, 3)] * 4).write_parquet(file)
    with pytest.raises(lines.LinesError, match="no whole period of 7 days"):
        lines.weekly(lines.read(file))


def test_the_public_file_is_named_where_it_is_missing(lines, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    with pytest.raises(lines.LinesError, match=r"online_retail\.parquet"):
        lines.retail_file(None)
    (tmp_path / "online_retail.parquet").touch()
    assert lines.retail_file(None) == tmp_path / "online_retail.parquet"
    assert lines.retail_file(tmp_path) == tmp_path
