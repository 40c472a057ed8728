from __future__ import annotations

import io
from decimal import Decimal

import polars as pl
import pytest
import xlsxwriter

from data_plane.curation import curate
from data_plane.sources import PRICES, only
from raw_to_curated.typed_files import workbook as workbook_module


def workbook(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, name)
            for row, value in enumerate(frame[name], start=1):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)
        sheet.write_formula(1, 3, "=1+1", value=2.5)
    return file.getvalue()


def test_a_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "BATCH_ROWS", 2)
    frame = pl.DataFrame(
        {
            "Stock Code": ["85123A", "=1+1", "22139"],
            "Description": ["WHITE HOLDER", None, "@SUM(A1)"],
            "Category": ["Home", "Home", None],
            "List Price": [2.55, 1234.5, 3.0],
        }
    )
    products = only(curate(PRICES, "price-list/a.xlsx", workbook(frame)))
    # A formula gives its value; what only looks like one stays a text.
    assert products["list_price"].to_list() == [Decimal("2.5"), Decimal("1234.5"), Decimal("3")]
    assert products["product_id"].to_list() == ["85123A", "=1+1", "22139"]
    assert products["line_number"].to_list() == [2, 3, 4]
