"""Days of customers from retail lines of both forms."""

from datetime import date, datetime

import polars as pl
import pytest

ONLINE_RETAIL = {
    "InvoiceNo": ["1", "1", "1", "C2", "3", "4", "5"],
    "StockCode": ["85123A", "71053", "71053", "71053", "POST", "71053", "71053"],
    "Quantity": [2, 3, 3, -1, 1, 5, 1],
    "InvoiceDate": [datetime(2011, 1, 4, 9)] * 4 + [datetime(2011, 1, 5)] * 3,
    "UnitPrice": [2.5, 2.0, 2.0, 2.0, 18.0, 1.0, 0.0],
    "CustomerID": [17850.0, 17850.0, 17850.0, 17850.0, 17850.0, None, 13047.0],
}


@pytest.fixture
def lines(training_module):
    return training_module("customer_lines")


@pytest.fixture
def days(lines, tmp_path):
    def of(table, suffix="parquet"):
        path = tmp_path / f"lines.{suffix}"
        frame = pl.DataFrame(table)
        frame.write_parquet(path) if suffix == "parquet" else frame.write_csv(path)
        return lines.customer_days(lines.read_lines(path)).rows()

    return of


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_goods_of_known_customers_are_added_up(days, suffix):
    """A repeated line counts once; postage and lines without a customer are left out."""
    assert days(ONLINE_RETAIL, suffix) == [
        ("13047", date(2011, 1, 5), 1, 0.0, 0.0),
        ("17850", date(2011, 1, 4), 1, 11.0, 2.0),
    ]


def test_lines_of_the_contract_are_read(days):
    table = {
        "order_id": ["1", "2"],
        "product_id": ["mug", "fee"],
        "quantity": [2, 1],
        "unit_price": [2.5, 9.0],
        "ordered_at": [date(2024, 2, 29)] * 2,
        "customer_id": ["c1", "c1"],
        "line_type": ["product", "fee"],
    }

    assert days(table) == [("c1", date(2024, 2, 29), 1, 5.0, 0.0)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"CustomerID": [None] * 7}, "no line with a customer"),
        ({"UnitPrice": [float("nan")] * 7}, "unit_price is nan"),
        ({"Quantity": ["many"] * 7}, "column of another type"),
    ],
)
def test_what_is_wrong_is_said(lines, tmp_path, training_module, change, said):
    pl.DataFrame({**ONLINE_RETAIL, **change}).write_parquet(tmp_path / "lines.parquet")

    with pytest.raises(training_module("cdnow").PurchasesError, match=said):
        lines.read_lines(tmp_path / "lines.parquet")


def test_other_files_are_no_lines(lines, tmp_path, training_module):
    path = tmp_path / "purchases.csv"
    path.write_text("customer_id,date,quantity,amount\n1,19970101,1,2\n", encoding="utf-8")

    with pytest.raises(training_module("cdnow").PurchasesError, match="lacks order_id"):
        lines.read_lines(path)
