"""`make demo` as a new user runs it, and what bad files become in the cloud that it leaves."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import command_lines
from datalake import layout
from datalake.contracts.prod import PROD_TABLES
from e2e.cloudtest import send, wait_until
from fleet import cloud as local_cloud
from fleet.cloud import Cloud
from fleet.emulation import client
from fleet.paths import ROOT
from open_data import sets

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROW = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"


def demo(state: Path, **options: object) -> subprocess.Popen[str]:
    environment = os.environ | {
        "FLEET_STATE_DIR": str(state),
        "PYTHONPATH": command_lines.APPLICATION,
    }
    environment.pop("FLEET_PORT", None)
    return subprocess.Popen(
        [sys.executable, "-m", "tour"],
        cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo") / ".fleet"
    yield folder
    local_cloud.stop(base=folder, purge=True)


@pytest.fixture(scope="module")
def output(state: Path) -> str:
    process = demo(state)
    text, _ = process.communicate()
    assert process.returncode == 0, text
    return text


@pytest.fixture(scope="module")
def cloud(output: str, state: Path) -> Cloud:
    running = local_cloud.status(base=state)
    assert running
    return running


def number(text: str) -> int:
    return int(text.replace(",", ""))


def file_lines(output: str) -> list[str]:
    """The lines of the table of raw files."""
    return re.findall(r"^[a-z-]+/\S+ .*$", output, re.MULTILINE)


def test_accounts_for_every_row(output: str) -> None:
    figures = re.search(
        r"([\d,]+) rows in = ([\d,]+) curated \+ ([\d,]+) quarantined \+ ([\d,]+) exact", output
    )
    assert figures
    rows, *parts = map(number, figures.groups())
    assert rows == sum(parts)
    rows_in: Counter[str] = Counter()
    for line in file_lines(output):
        rows_in[line.partition("/")[0]] += number(line.split()[-4])
    assert rows_in == {
        "online-retail": sets.ONLINE_RETAIL_ROWS if sets.online_retail() else 45,
        # The first 14 days of the real ones, or a sample.
        "card-transactions": 134_130 if sets.card_transactions() else 4,
        "superstore": 9_994,
        "stocks": 12_154,
        "gapminder": 12_200,
    }
    assert rows == rows_in.total()


def test_shows_every_product(output: str) -> None:
    for product in PROD_TABLES:
        [partitions] = re.findall(rf"^{product.name} .* ([\d,]+)$", output, re.MULTILINE)
        assert number(partitions) > 0, product.name


def test_says_how_to_look_further(output: str, cloud: Cloud) -> None:
    # Does what curl does, which need not be installed.
    [(url, event)] = re.findall(r"curl (\S+) -d @(\S+)", output)
    status, answer = send("POST", url, (ROOT / event).read_bytes(), {})

    assert url.startswith(cloud.endpoint)
    assert (status, json.loads(answer)) == (200, {"batchItemFailures": []})


def test_a_second_run_ends_the_same(output: str, state: Path) -> None:
    process = demo(state)
    again, _ = process.communicate()

    assert process.returncode == 0, again
    assert file_lines(again) == file_lines(output) != []


BAD_FILES = {
    "online-retail/columns.csv": (b"Invoice,Item\n1,2\n", "columns_mismatch", "InvoiceNo"),
    "online-retail/rubbish.csv": (bytes(range(256)) * 20, None, ""),
    "online-retail/empty.csv": (b"", "empty_object", ""),
    "online-retail/cut.csv.gz": (
        gzip.compress((HEADER + ROW * 500).encode(), mtime=0)[:-20],
        "corrupt_gzip",
        "",
    ),
    "online-retail/latin.csv": (
        (HEADER + ROW.replace("HEART", "CŒUR")).encode("utf-16"),
        None,
        "",
    ),
    "nobody/knows.csv": (b"a,b\n1,2\n", "unknown_source", "nobody"),
}


def report_on(cloud: Cloud, key: str) -> dict[str, object] | None:
    s3 = client("s3", cloud.endpoint)
    curated = "fleet-local-curated"
    for item in s3.list_objects_v2(Bucket=curated, Prefix=layout.REPORTS).get("Contents", []):
        if not layout.is_report(item["Key"]):
            continue
        report = json.load(s3.get_object(Bucket=curated, Key=item["Key"])["Body"])
        if report["object_key"] == key:
            return report
    return None


def test_bad_files_are_rejected_with_a_reason_and_the_function_lives_on(cloud: Cloud) -> None:
    s3 = client("s3", cloud.endpoint)
    for key, (content, _, _) in BAD_FILES.items():
        s3.put_object(Bucket="fleet-local-raw", Key=key, Body=content)
    good = "online-retail/good.csv"
    s3.put_object(Bucket="fleet-local-raw", Key=good, Body=(HEADER + ROW).encode())

    for key, (_, reason, word) in BAD_FILES.items():
        report = wait_until(lambda key=key: report_on(cloud, key), key)
        assert report["status"] == "rejected", report
        assert report["reason"] == reason or reason is None
        assert len(report["message"].split()) > 5
        assert word in json.dumps(report)
    assert wait_until(lambda: report_on(cloud, good), good)["rows_curated"]["orders"] == 1


def test_a_header_alone_is_a_valid_empty_file(cloud: Cloud) -> None:
    s3 = client("s3", cloud.endpoint)
    key = "online-retail/header.csv"
    s3.put_object(Bucket="fleet-local-raw", Key=key, Body=HEADER.encode())

    assert wait_until(lambda: report_on(cloud, key), key)["rows_in"] == 0


def test_an_interrupt_leaves_nothing(state: Path, tmp_path: Path) -> None:
    mine = tmp_path / ".fleet"
    mine.mkdir()
    (mine / "envs").symlink_to(state / "envs")
    process = demo(mine, start_new_session=True)
    assert process.stdout
    for line in process.stdout:
        if "ready after" in line:
            break
    started = local_cloud.status(base=mine)
    assert started
    process.send_signal(signal.SIGINT)
    process.communicate()

    assert process.returncode == 130
    assert local_cloud.status(base=mine) is None
    wait_until(
        lambda: not [pid for pid in started.pids.values() if Path(f"/proc/{pid}").exists()],
        "every process gone",
    )
