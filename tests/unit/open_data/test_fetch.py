"""Public data is fetched whole and as expected, or not at all."""

import http.server
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime

import polars as pl
import pytest

from fleet.errors import FleetError
from open_data import raw_files, sets
from open_data.fetch import fetch_online_retail

ROWS = pl.DataFrame(
    {
        "InvoiceNo": ["536365", "C536379"],
        "StockCode": ["85123A", "D"],
        "Description": ["HEART", "Discount"],
        "Quantity": [6, -1],
        "InvoiceDate": [datetime(2010, 12, 1, 8, 26), datetime(2011, 1, 4, 9, 41)],
        "UnitPrice": [2.55, 27.5],
        "CustomerID": [17850, None],
        "Country": ["United Kingdom", "United Kingdom"],
    }
)


def workbook(rows: pl.DataFrame) -> bytes:
    book, archive = io.BytesIO(), io.BytesIO()
    rows.write_excel(book)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("Online Retail.xlsx", book.getvalue())
    return archive.getvalue()


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], str]]:
    body = b""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def url(content: bytes) -> str:
            nonlocal body
            body = content
            return f"http://127.0.0.1:{server.server_port}/data.zip"

        yield url
        server.shutdown()


def test_fetched_data_gives_monthly_files(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "ONLINE_RETAIL_ROWS", 2)

    path = fetch_online_retail(serve(workbook(ROWS)), tmp_path)

    files = list(raw_files.monthly_files(path))
    assert [file.key for file in files] == [
        "online-retail/2010-12.csv",
        "online-retail/2011-01.csv",
    ]
    assert files[0].content.decode().splitlines() == [
        ",".join(sets.ONLINE_RETAIL_COLUMNS),
        "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (workbook(ROWS), "has 2 rows"),
        (workbook(ROWS.drop("Country")), "expected 541,909 of InvoiceNo"),
        (b"<html>gone</html>", "cannot be fetched"),
    ],
)
def test_anything_else_is_refused_and_nothing_kept(serve, tmp_path, content, message):
    with pytest.raises(FleetError, match=message):
        fetch_online_retail(serve(content), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_no_network_says_what_to_do(tmp_path):
    with pytest.raises(FleetError, match="FLEET_DATA_DIR"):
        fetch_online_retail("http://127.0.0.1:1/data.zip", tmp_path)
