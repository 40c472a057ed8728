"""Which form a file has, by its name and its columns."""

import gzip

import polars as pl
import pytest


@pytest.fixture(scope="module")
def sources(training_module):
    return training_module("sources")


LINES = "order_id,product_id,description,quantity,unit_price,ordered_at,customer_id"
ONLINE = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


@pytest.mark.parametrize(
    ("name", "head", "form"),
    [
        ("a.csv", LINES, "LINES"),
        ("a.csv", "product_id,quantity,unit_price,ordered_at", "LINES"),
        ("a.csv", "\ufeff" + ONLINE, "LINES"),
        ("Weekly.csv", LINES, "LINES"),
        ("a.csv", "customer_id,date,quantity,amount", "PURCHASES"),
        ("a.csv", "customer_id,date,number_of_cds,dollar_value", "PURCHASES"),
        ("a.txt", "", "PURCHASES"),
        ("Weekly-train.csv", '"V1","V2"', "SERIES"),
        ("m4_Hourly-train.csv", "id,1,2,3", "SERIES"),
    ],
)
def test_forms(sources, tmp_path, name, head, form):
    (tmp_path / name).write_text(f"{head}\n", encoding="utf-8")
    assert sources.form_of(tmp_path / name).name == form


def test_parquet_and_gzip(sources, tmp_path):
    lines, series = tmp_path / "a.parquet", tmp_path / "Daily-train.csv.gz"
    pl.DataFrame({name: ["x"] for name in LINES.split(",")}).write_parquet(lines)
    series.write_bytes(gzip.compress(b"V1,V2\nD1,3\n"))
    assert sources.form_of(lines) is sources.Form.LINES
    assert sources.form_of(series) is sources.Form.SERIES


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"a,b\n1,2\n", "has the columns a, b, which are of no form"),
        ("train.csv", b"V1,V2\nW1,3\n", "says its frequency"),
        ("a.parquet", b"PAR1", "cannot be read"),
        ("Daily-train.csv.gz", b"V1,V2", "cannot be read"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_other_files_are_one_clear_error(sources, training_module, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(training_module("errors").DataError, match=said):
        sources.form_of(tmp_path / name)


def test_a_file_that_is_not_there(sources, training_module, tmp_path):
    with pytest.raises(training_module("errors").DataError, match="cannot be read"):
        sources.form_of(tmp_path / "none.csv")
