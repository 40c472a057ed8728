"""Public data is fetched whole and as expected, or not at all."""

import hashlib
import http.server
import io
import resource
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from fleet.errors import FleetError
from open_data import raw_files, sets
from open_data.fetch import fetch_online_retail

NOWHERE = "http://127.0.0.1:1/data.zip"
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


class Server(http.server.ThreadingHTTPServer):
    """Serves one file; counts the requests."""

    content = b""
    requests = 0

    def __call__(self, content: bytes) -> str:
        """The URL of a file with this content."""
        self.content = content
        return f"http://127.0.0.1:{self.server_port}/data.zip"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def small(monkeypatch):
    """The archive of a data set of two rows."""
    monkeypatch.setattr(sets, "ONLINE_RETAIL_ROWS", 2)
    return workbook(ROWS)


def test_fetched_data_gives_monthly_files(serve, small, tmp_path):
    path = fetch_online_retail(serve(small), tmp_path, sha256=sha256(small))

    assert list(tmp_path.iterdir()) == [path]
    files = list(raw_files.monthly_files(path))
    assert [file.key for file in files] == [
        "online-retail/2010-12.csv",
        "online-retail/2011-01.csv",
    ]
    assert files[0].content.decode().splitlines() == [
        ",".join(sets.ONLINE_RETAIL_COLUMNS),
        "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    ]


def test_an_archive_that_the_user_saved_needs_no_network(small, tmp_path):
    (tmp_path / sets.ONLINE_RETAIL_ARCHIVE).write_bytes(small)

    path = fetch_online_retail(NOWHERE, tmp_path, sha256=sha256(small))

    assert pl.read_parquet(path).height == 2
    assert list(tmp_path.iterdir()) == [path]


def test_two_commands_at_once_fetch_one_file(serve, small, tmp_path):
    url = serve(small)

    def fetch(_: int) -> Path:
        return fetch_online_retail(url, tmp_path, sha256=sha256(small))

    with ThreadPoolExecutor(2) as commands:
        paths = set(commands.map(fetch, range(2)))

    assert list(tmp_path.iterdir()) == list(paths)
    assert pl.read_parquet(*paths).height == 2
    assert serve.requests == 1


def test_another_archive_than_the_published_one_is_refused_and_not_kept(serve, tmp_path):
    with pytest.raises(FleetError, match="is not the file that was published"):
        fetch_online_retail(serve(workbook(ROWS)), tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [(ROWS, "reads as 2 rows"), (ROWS.drop("Country"), "expected 541,909 of InvoiceNo")],
)
def test_rows_that_are_not_complete_are_no_data_set(serve, tmp_path, rows, message):
    archive = workbook(rows)

    with pytest.raises(FleetError, match=message):
        fetch_online_retail(serve(archive), tmp_path, sha256=sha256(archive))

    assert not (tmp_path / sets.ONLINE_RETAIL_FILE).exists()


def test_a_full_disk_leaves_the_archive(small, tmp_path):
    archive = tmp_path / sets.ONLINE_RETAIL_ARCHIVE
    archive.write_bytes(small)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(FleetError, match="cannot be written: File too large"):
            fetch_online_retail(NOWHERE, tmp_path, sha256=sha256(small))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not (tmp_path / sets.ONLINE_RETAIL_FILE).exists()
    path = fetch_online_retail(NOWHERE, tmp_path, sha256=sha256(small))
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(FleetError, match="file/data cannot be written"):
        fetch_online_retail(NOWHERE, tmp_path / "file" / "data")


def test_no_network_says_what_to_do(tmp_path):
    with pytest.raises(FleetError, match=r"refused.*save the file as .*zip.*`make shop"):
        fetch_online_retail(NOWHERE, tmp_path, pause=lambda _: None)
