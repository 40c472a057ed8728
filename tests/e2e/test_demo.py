"""`make demo` as a new user runs it, and what bad files become in the cloud that it leaves."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import command_lines
from datalake import layout
from datalake.contracts.prod import PROD_TABLES
from e2e.cloudtest import send, wait_until
from fleet import cloud as local_cloud
from fleet.catalogue import load
from fleet.cloud import Cloud
from fleet.emulation import client
from fleet.paths import CATALOGUE, ROOT
from open_data import sets
from raw_to_curated.sources import SOURCES
from tour.platform import Platform

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROW = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
# The made-up shop: order lines, and months, which decide how many files there are.
SIZE = ("--rows=2000", "--months=5")


def demo(state: Path, data: Path | None = None, **options: object) -> Any:
    """The command as a process, with the public data sets of a folder in place of those here."""
    environment = os.environ | {
        "FLEET_STATE_DIR": str(state),
        "PYTHONPATH": command_lines.APPLICATION,
    }
    environment.pop("FLEET_PORT", None)
    if data:
        environment["FLEET_DATA_DIR"] = str(data)
    return subprocess.Popen(
        [sys.executable, "-m", "tour", *SIZE],
        cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo") / ".fleet"
    yield folder
    local_cloud.stop(base=folder, purge=True)


def completed(state: Path, data: Path | None = None) -> str:
    """What the command printed until it ended well."""
    process = demo(state, data)
    text: str = process.communicate()[0]
    assert process.returncode == 0, text
    return text


@dataclass(frozen=True)
class MadeUp:
    """A run with the made-up shop alone: its state, and what it printed."""

    state: Path
    output: str


@pytest.fixture(scope="module")
def output(state: Path) -> str:
    return completed(state)


@pytest.fixture(scope="module")
def made_up(output: str, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeUp]:
    """A run where no public data is here, in a cloud of its own."""
    if not sets.online_retail():
        yield MadeUp(state, output)
        return
    mine = tmp_path_factory.mktemp("made-up") / ".fleet"
    mine.mkdir()
    (mine / "envs").symlink_to(state / "envs")
    try:
        yield MadeUp(mine, completed(mine, data=mine))
    finally:
        local_cloud.stop(base=mine, purge=True)


@pytest.fixture(scope="module")
def cloud(output: str, state: Path) -> Cloud:
    running = local_cloud.status(base=state)
    assert running
    return running


def number(text: str) -> int:
    return int(text.replace(",", ""))


def section(output: str, title: str) -> str:
    """What stands under a title."""
    return output.partition(f"\n{title}\n")[2].partition("\n\n")[0]


def rows_in(output: str) -> dict[str, int]:
    """The rows that went in, by source."""
    found = re.findall(r"^([a-z-]+) .* ([\d,]+) *$", section(output, "What went in"), re.MULTILINE)
    return {source: number(rows) for source, rows in found}


def products(output: str) -> dict[str, str]:
    """What each product is made of."""
    pattern = r"^([a-z_]+)  +(\S.*\S) +[1-9][\d,]* *$"
    return dict(re.findall(pattern, section(output, "Products"), re.MULTILINE))


def accounts_for_every_row(output: str) -> bool:
    figures = re.search(
        r"([\d,]+) rows in = ([\d,]+) curated \+ ([\d,]+) quarantined \+ ([\d,]+) exact", output
    )
    assert figures
    rows, *parts = map(number, figures.groups())
    return rows == sum(parts) == sum(rows_in(output).values())


def test_accounts_for_every_row(output: str) -> None:
    assert accounts_for_every_row(output)
    public = {
        "online-retail": sets.ONLINE_RETAIL_ROWS,
        # Of the first 14 days.
        "card-transactions": 134_130 if sets.card_transactions() else None,
        "superstore": 9_994,
        "stocks": 12_154,
        "gapminder": 12_200,
    }
    if sets.online_retail():
        found = rows_in(output)
        assert {name: found[name] for name, rows in public.items() if rows} == {
            name: rows for name, rows in public.items() if rows
        }


def test_the_made_up_shop_shows_the_same_tables(output: str, made_up: MadeUp) -> None:
    of_shop = made_up.output
    assert "Data: a made-up shop, about 2,000 order lines (seed 1); `make data`" in of_shop
    assert accounts_for_every_row(of_shop)
    assert rows_in(of_shop).keys() == rows_in(output).keys() == SOURCES.keys()
    assert products(of_shop).keys() == products(output).keys()
    assert products(of_shop).keys() == {product.name for product in PROD_TABLES}
    for text in (of_shop, output):
        answers = section(text, "Three answers")
        assert re.search(r"^Best-selling products of \d{4}-\d\d, up to ", answers)
        assert re.search(r"^Returns: \d+\.\d% of the revenue ", answers, re.MULTILINE)
        assert re.search(r"^Bought again .* of [\d,]+ customers", answers, re.MULTILINE)
        outlook = section(text, "What to expect")
        assert re.search(r"^Demand for .+, forecast by ", outlook)
        assert re.search(r"^\d{4}-\d\d-\d\d +[\d,]+ +[\d,]+ to [\d,]+ ", outlook, re.MULTILINE)
        assert re.search(r"^With 2 weeks .*, order up to [\d,]+ when ", outlook, re.MULTILINE)
        leaving = section(text, "Customers about to leave")
        assert re.search(r"^[\d,]+ of [\d,]+ customers will |^Too little is known", leaving)
        frauds = section(text, "Frauds found")
        assert re.search(r"^[\d,]+ payments scored, [1-9][\d,]* alerts", frauds)
        assert re.search(r"^  card \S+.*, fraud with a probability of \d+%", frauds, re.MULTILINE)


def test_says_how_to_look_further(output: str, cloud: Cloud) -> None:
    # Does what curl does, which need not be installed.
    [(url, event)] = re.findall(r"curl (\S+) -d @(\S+)", output)
    status, answer = send("POST", url, (ROOT / event).read_bytes(), {})

    assert url.startswith(cloud.endpoint)
    assert (status, json.loads(answer)) == (200, {"batchItemFailures": []})


def test_a_second_run_ends_the_same(made_up: MadeUp) -> None:
    again = completed(made_up.state, data=made_up.state)

    for title in (
        "What went in",
        "Three answers",
        "What to expect",
        "Customers about to leave",
        "Frauds found",
    ):
        assert section(again, title) == section(made_up.output, title) != ""
    assert products(again) == products(made_up.output)


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


# Numbers with a valid check digit that no network publishes for tests.
MASKED, REPORTED = "4539578763621486", "5425233430109903"


def test_a_card_number_is_found_and_a_masked_one_is_nowhere_but_in_the_inbox(
    cloud: Cloud, state: Path
) -> None:
    s3 = client("s3", cloud.endpoint)
    masked, reported = "customer-master/cards.jsonl", "online-retail/cards.csv"
    row = {
        "customer_id": "77001", "country": "United Kingdom", "segment": f"card {MASKED}",
        "registered_at": "2025-01-02T03:04:05Z",
    }  # fmt: skip
    s3.put_object(Bucket="fleet-local-inbox", Key=masked, Body=json.dumps(row).encode() + b"\n")
    paid = ROW.replace("HEART", f"paid by card {REPORTED}")
    s3.put_object(Bucket="fleet-local-raw", Key=reported, Body=(HEADER + paid).encode())

    for key, number in ((masked, MASKED), (reported, REPORTED)):
        wait_until(lambda key=key: findings(cloud, key) == ["card_number"], f"finding in {key}")
        wait_until(lambda key=key: report_on(cloud, key), f"report on {key}")
        logs = "".join(log.read_text() for log in (state / "cloud" / "logs").iterdir())
        assert number not in logs
    platform = Platform(load(CATALOGUE), cloud)
    wait_until(lambda: not any(map(platform.messages, queues(cloud))), "idle queues")

    assert buckets_with(cloud, MASKED) == {"fleet-local-inbox"}
    copies = buckets_with(cloud, REPORTED)
    assert "fleet-local-raw" in copies
    assert "fleet-local-insights" not in copies


def queues(cloud: Cloud) -> list[str]:
    """The names of the queues that functions read, as the catalogue has them."""
    urls = client("sqs", cloud.endpoint).list_queues()["QueueUrls"]
    names = (url.rpartition("/fleet-local-")[2] for url in urls)
    return [name for name in names if not name.endswith("-dlq")]


def findings(cloud: Cloud, key: str) -> list[str]:
    """The kinds of what was found in an object, each in its masked form only."""
    rows = [
        row
        for bucket, name, content in objects(cloud)
        if bucket == "fleet-local-insights" and name.startswith("compliance_findings/")
        for row in pl.read_parquet(content).iter_rows(named=True)
        if row["key"] == key
    ]
    return [row["kind"] for row in rows]


def objects(cloud: Cloud) -> Iterator[tuple[str, str, bytes]]:
    """Bucket, key and content of everything that is stored, in all its versions."""
    s3 = client("s3", cloud.endpoint)
    for bucket in (found["Name"] for found in s3.list_buckets()["Buckets"]):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for item in page.get("Versions", []):
                place = {"Bucket": bucket, "Key": item["Key"]}
                if item.get("VersionId", "null") != "null":
                    place["VersionId"] = item["VersionId"]
                yield bucket, item["Key"], s3.get_object(**place)["Body"].read()


def buckets_with(cloud: Cloud, number: str) -> set[str]:
    """The buckets in which a number can be read in some object."""
    found = set()
    for bucket, key, content in objects(cloud):
        text = content
        if content.startswith(b"PAR1"):
            text = json.dumps(pl.read_parquet(content).to_dicts(), default=str).encode()
        elif content.startswith(b"\x1f\x8b"):
            # As far as it goes: some are damaged.
            text = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content)
        if number.encode() in text or number in key:
            found.add(bucket)
    return found


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
