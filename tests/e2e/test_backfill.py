"""`make backfill`: the state machine of the catalogue, run by the local cloud."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import command_lines
from backfill import backlog
from backfill.backlog import Item, Target
from e2e.cloudtest import make_root, wait_until
from fleet import cloud as local_cloud
from fleet.catalogue import Catalogue, load
from fleet.cloud import Cloud
from fleet.cloud.provision import provision
from fleet.cloud.resources import resources_of
from fleet.emulation import client
from fleet.errors import FleetError
from fleet.images import build, engine
from fleet.paths import CATALOGUE, ROOT
from open_data.raw_files import sample_data, superstore_file

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Docker-free local cloud needs Linux"
)
# The function of the tests under the name that the state machine invokes.
FUNCTIONS = """\
project: backfilltest
buckets: {raw: Raw files, backfills: Results}
functions:
  raw-to-curated:
    folder: functions/curator
    description: Answers as raw-to-curated does
    handler: handler.lambda_handler
    memory_mb: 128
    timeout_s: 10
    budgets: {image_mb: 100, init_ms: 1000}
state_machines:
  backfill:
    description: The real definition
    definition: state-machines/backfill.asl.json
    invokes: [raw-to-curated]
    reads: {buckets: [raw]}
    writes: {buckets: [backfills]}
    started_by: [raw-to-curated]
"""
RAW = "backfilltest-local-raw"


FUNCTION = "raw-to-curated"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("backfill")
    make_root(root)
    (root / "functions.yaml").write_text(FUNCTIONS)
    shutil.copytree(ROOT / "state-machines", root / "state-machines")
    return root


@pytest.fixture(scope="module")
def small(checkout: Path) -> Catalogue:
    return load(checkout / "functions.yaml")


@pytest.fixture(scope="module")
def cloud(small: Catalogue, checkout: Path, shared_base: Path) -> Iterator[Cloud]:
    yield local_cloud.start(small, "process", root=checkout, base=shared_base)
    local_cloud.stop(base=shared_base, purge=True)


@pytest.fixture(scope="module")
def target(cloud: Cloud, small: Catalogue, shared_base: Path) -> Target:
    return backlog.local_target(small, shared_base)


def put(target: Target, key: str, **behaviour: object) -> None:
    target.s3.put_object(Bucket=target.bucket, Key=key, Body=json.dumps(behaviour).encode())


def calls(target: Target, key: str) -> list[str]:
    """What was called for an object, as `action-part`; `-again` where it was repeated."""
    prefix = f"calls/{key}/"
    listed = target.s3.list_objects_v2(Bucket=target.bucket, Prefix=prefix)
    return [entry["Key"].removeprefix(prefix) for entry in listed.get("Contents", [])]


def given_up(target: Target, key: str) -> dict[str, Any]:
    """What the call that gives an object up is told of the step that failed."""
    stored = target.s3.get_object(Bucket=target.bucket, Key=f"calls/{key}/give_up-0")
    step: dict[str, Any] = json.load(stored["Body"])["step"]
    return step


def test_curates_small_and_large_objects_and_skips_them_the_next_time(target: Target) -> None:
    odd = 'first/ä +%20"quoted" [bold].csv'
    put(target, "first/small.csv")
    put(target, "first/large.csv", parts=3)
    put(target, odd)
    target.s3.put_object(Bucket=target.bucket, Key="first/folder/", Body=b"")
    put(target, "first-but-another-prefix.csv")

    items = {item.key: item for item in backlog.run(target, "first/")}

    assert {key: item.status for key, item in items.items()} == {
        "first/small.csv": "curated",
        "first/large.csv": "curated",
        odd: "curated",
        "first/folder/": "folder",
    }
    assert items["first/large.csv"].counts == {
        "rows in": 30, "curated": 28, "quarantined": 1, "duplicates": 1
    }  # fmt: skip
    assert calls(target, "first/large.csv") == [
        "curate_part-0", "curate_part-1", "curate_part-2", "finish-0", "plan-0"
    ]  # fmt: skip
    finish = target.s3.get_object(Bucket=target.bucket, Key="calls/first/large.csv/finish-0")
    assert json.load(finish["Body"])["of"] == 3

    again = {item.key: item.status for item in backlog.run(target, "first/")}

    assert set(again.values()) == {"done", "folder"}
    assert "finish-0-again" not in calls(target, "first/large.csv")


def test_a_crash_is_retried(target: Target) -> None:
    put(target, "flaky/object.csv", flaky=True, parts=2)

    [item] = backlog.run(target, "flaky/")

    assert item.status == "curated"
    assert calls(target, item.key) == [
        "curate_part-0", "curate_part-0-again", "curate_part-1", "curate_part-1-again",
        "finish-0", "plan-0",
    ]  # fmt: skip


def test_what_fails_or_is_rejected_has_a_reason_and_hinders_no_other(target: Target) -> None:
    put(target, "bad/fails.csv", parts=2, raises="curate_part")
    put(target, "bad/unplanned.csv", raises="plan")
    put(target, "bad/lost.csv", raises="finish")
    put(target, "bad/rejected.csv", status="rejected")
    put(target, "bad/good.csv")

    items = {item.key: item for item in backlog.run(target, "bad/")}

    assert items["bad/fails.csv"].status == "failed"
    assert "ValueError" in items["bad/fails.csv"].reason
    assert "on purpose" in items["bad/fails.csv"].reason
    assert "finish-0" not in calls(target, "bad/fails.csv")
    step = given_up(target, "bad/fails.csv")
    assert (step["key"], step["etag"]) == ("bad/fails.csv", "0")
    assert "on purpose" in step["error"]["Cause"]
    assert items["bad/unplanned.csv"].status == "failed"
    assert "ValueError" in items["bad/unplanned.csv"].reason
    assert given_up(target, "bad/unplanned.csv")["key"] == "bad/unplanned.csv"
    assert items["bad/lost.csv"].status == "failed"
    assert "on purpose" in given_up(target, "bad/lost.csv")["error"]["Cause"]
    assert not any("give_up-0" in calls(target, f"bad/{n}.csv") for n in ("rejected", "good"))
    assert items["bad/rejected.csv"] == Item(
        "bad/rejected.csv", "rejected", "bad: The header is wrong."
    )
    assert items["bad/good.csv"].status == "curated"
    with pytest.raises(FleetError, match="4 of 5 objects were not curated"):
        backlog.require_success(list(items.values()))


@pytest.mark.parametrize("prefix", ["", "/first/", "s3://raw/first/", "nothing/here/"])
def test_a_prefix_that_cannot_be_meant_is_refused_with_those_there_are(
    target: Target, prefix: str
) -> None:
    put(target, "first/small.csv")
    with pytest.raises(FleetError, match=r"PREFIX=|holds nothing") as caught:
        backlog.run(target, prefix)
    assert "first/" in str(caught.value)


def test_the_state_machine_follows_the_catalogue(
    cloud: Cloud, small: Catalogue, checkout: Path
) -> None:
    def changes(catalogue: Catalogue) -> list[str]:
        resources = resources_of(
            catalogue, cloud.endpoint, local_cloud.POOL_SIZE, checkout, gathers=True
        )
        return provision(resources, cloud.endpoint, "{}:source".format)

    name = "state machine backfilltest-local-backfill"
    definition = checkout / "state-machines" / "backfill.asl.json"
    text = definition.read_text()
    try:
        assert changes(small) == []
        definition.write_text(text.replace('"MaxConcurrency": 25', '"MaxConcurrency": 24'))
        assert changes(small) == [name]
        assert changes(small.model_copy(update={"state_machines": {}}))[-1] == f"{name} removed"
        listed = client("stepfunctions", cloud.endpoint).list_state_machines()
        assert listed["stateMachines"] == []
    finally:
        definition.write_text(text)
        assert name in changes(small)


def test_the_function_can_start_it(cloud: Cloud, target: Target) -> None:
    configuration = client("lambda", cloud.endpoint).get_function_configuration(
        FunctionName="backfilltest-local-raw-to-curated"
    )
    found = configuration["Environment"]["Variables"]["BACKFILL_STATE_MACHINE_ARN"]
    assert found == target.state_machine


def test_a_backfill_of_a_killed_cloud_is_resumed(
    small: Catalogue, checkout: Path, base: Path
) -> None:
    def start() -> Cloud:
        return local_cloud.start(small, "process", root=checkout, base=base)

    try:
        killed = start()
        target = backlog.local_target(small, base)
        for number in range(12):
            put(target, f"many/{number:02}.csv", sleep_s=0.3)
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(backlog.run, target, "many/")
            wait_until(lambda: finished(target), "some objects are done")
            os.kill(killed.pids["ministack"], signal.SIGKILL)
            with pytest.raises(FleetError, match=r"make up and repeat the backfill"):
                running.result()
        wait_until(lambda: local_cloud.status(base=base) is None, "the cloud is down")

        start()
        target = backlog.local_target(small, base)
        done = finished(target)
        statuses = [item.status for item in backlog.run(target, "many/")]

        assert statuses.count("done") == len(done) > 0
        assert statuses.count("curated") == 12 - len(done) > 0
        assert len(finished(target)) == 12
    finally:
        local_cloud.stop(base=base, purge=True)


@pytest.mark.docker
def test_with_docker(small: Catalogue, checkout: Path, base: Path, tmp_path: Path) -> None:
    [image] = build.images_of(load(CATALOGUE), [FUNCTION], ROOT, engine.machine())
    build.build([image], ROOT)
    context = tmp_path / "image"
    shutil.copytree(checkout / "functions" / "curator", context)
    (context / "Dockerfile").write_text(
        f'FROM {image.reference}\nCOPY src /var/task\nCMD ["handler.lambda_handler"]\n'
    )
    tag = "backfilltest:test"
    subprocess.run(["docker", "build", "--quiet", "--tag", tag, str(context)], check=True)
    try:
        local_cloud.start(small, "docker", image_for=lambda _: tag, root=checkout, base=base)
        target = backlog.local_target(small, base)
        put(target, "some/small.csv")
        put(target, "some/large.csv", parts=3)
        put(target, "some/bad.csv", raises="plan")

        items = {item.key: item for item in backlog.run(target, "some/")}

        assert items["some/large.csv"].counts["rows in"] == 30
        assert items["some/small.csv"].status == "curated"
        assert items["some/bad.csv"].reason.startswith("ValueError: on purpose")
    finally:
        local_cloud.stop(base=base, purge=True)
        subprocess.run(["docker", "rmi", "--force", tag], check=True, capture_output=True)


def finished(target: Target) -> list[str]:
    listed = target.s3.list_objects_v2(Bucket=target.bucket, Prefix="calls/many/")
    return [e["Key"] for e in listed.get("Contents", []) if e["Key"].endswith("/finish-0")]


@pytest.fixture(scope="module")
def untriggered() -> Catalogue:
    """The real catalogue before its triggers: objects pile up, and 1 MiB is large."""
    catalogue = load(CATALOGUE)
    function = catalogue.functions[FUNCTION]
    environment = {**function.environment, "SPLIT_MB": "1"}
    changed = function.model_copy(update={"triggers": [], "environment": environment})
    return catalogue.model_copy(update={"functions": {**catalogue.functions, FUNCTION: changed}})


def test_real_objects_whole_and_in_parts_give_what_events_give(
    untriggered: Catalogue, base: Path, environments: Path
) -> None:
    lines = superstore_lines(environments)
    # Equal lines are duplicates across parts too.
    large = [lines[0], *lines[1:] * 2]
    objects = {"superstore/small.csv": lines[:500], "superstore/large.csv": large}
    bodies = {key: b"".join(rows) for key, rows in objects.items()}
    try:
        s3 = client("s3", local_cloud.start(untriggered, "process", base=base).endpoint)
        command(base, "superstore/", expect=1, says="holds nothing")
        for key, body in bodies.items():
            s3.put_object(Bucket="fleet-local-raw", Key=key, Body=body)
        target = backlog.local_target(untriggered, base)
        assert parts(target, "superstore/small.csv") == 1
        assert parts(target, "superstore/large.csv") > 1

        split = {item["key"]: item for item in json.loads(command(base, "superstore/", "--json"))}
        outputs = tables(s3)

        assert {item["status"] for item in split.values()} == {"curated"}
        for key, rows in objects.items():
            counts = split[key]["counts"]
            assert counts["rows in"] == len(rows) - 1
            assert counts["rows in"] == sum(counts.values()) - counts["rows in"]
        assert split["superstore/large.csv"]["counts"]["duplicates"] >= len(lines) - 1
        assert not any(key.startswith("staging/") for key in outputs)
        command(base, "superstore/", says="2 done")
        assert tables(s3) == outputs

        s3 = client("s3", local_cloud.start(load(CATALOGUE), "process", base=base).endpoint)
        for key, body in bodies.items():
            s3.put_object(Bucket="fleet-local-raw", Key=key, Body=body)
        wait_until(lambda: all(r["sequencer"] for r in reports(s3).values()), "events handled")

        for key, report in reports(s3).items():
            counts = split[key]["counts"]
            assert report["rows_in"] == counts["rows in"]
            assert sum(report["rows_curated"].values()) == counts["curated"]
            assert report["rows_quarantined"] == counts["quarantined"]
            assert report["exact_duplicates"] == counts["duplicates"]
        small = {key: digest for key, digest in outputs.items() if "object=small-" in key}
        assert small
        assert tables(s3).items() >= small.items()
    finally:
        local_cloud.stop(base=base, purge=True)
    command(base, "superstore/", expect=1, says="the local cloud does not run; make up starts it")


def test_a_large_object_is_curated_in_parts_when_it_arrives(
    untriggered: Catalogue, base: Path, environments: Path
) -> None:
    triggers = load(CATALOGUE).functions[FUNCTION].triggers
    function = untriggered.functions[FUNCTION].model_copy(update={"triggers": triggers})
    catalogue = untriggered.model_copy(update={"functions": {FUNCTION: function}})
    lines = superstore_lines(environments)
    rows = 300_000
    payments, number = io.BytesIO(), pl.int_range(rows)
    pl.select(
        TX_DATETIME=pl.lit(datetime(2018, 4, 1)) + pl.duration(seconds=number),
        CUSTOMER_ID=number.hash() % 5_000,
        TERMINAL_ID=number.hash(1) % 10_000,
        TX_AMOUNT=number.hash(2) % 100_000 + 1,
        TX_FRAUD=(number % 50 == 0).cast(pl.Int8),
        TX_FRAUD_SCENARIO=pl.lit(0),
    ).write_parquet(payments, row_group_size=60_000)
    objects = {
        "superstore/small.csv": (b"".join(lines[:500]), 499),
        "superstore/large.csv": (b"".join(lines), len(lines) - 1),
        "card-transactions/large.parquet": (payments.getvalue(), rows),
    }
    try:
        s3 = client("s3", local_cloud.start(catalogue, "process", base=base).endpoint)
        for key, (body, _) in objects.items():
            s3.put_object(Bucket="fleet-local-raw", Key=key, Body=body)
        wait_until(lambda: len(reports(s3)) == len(objects), "all are curated")

        found = reports(s3)
        assert {key: report["rows_in"] for key, report in found.items()} == {
            key: size for key, (_, size) in objects.items()
        }
        assert len(found["superstore/large.csv"]["parts"]) > 1
        assert len(found["card-transactions/large.parquet"]["parts"]) > 2
        assert "parts" not in found["superstore/small.csv"]
    finally:
        local_cloud.stop(base=base, purge=True)


def superstore_lines(environments: Path) -> list[bytes]:
    file = superstore_file(sample_data(environments, print))
    return gzip.decompress(file.content).splitlines(keepends=True)


def command(base: Path, *arguments: str, expect: int = 0, says: str = "") -> str:
    """Run the command as make does; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "backfill", *arguments],
        env=os.environ | {"FLEET_STATE_DIR": str(base), "PYTHONPATH": command_lines.APPLICATION},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    return done.stdout


def parts(target: Target, key: str) -> int:
    """In how many parts the function would curate the object."""
    endpoint = target.s3.meta.endpoint_url
    answer = client("lambda", endpoint).invoke(
        FunctionName=f"fleet-local-{FUNCTION}",
        Payload=json.dumps({"action": "plan", "bucket": target.bucket, "key": key}),
    )
    return len(json.load(answer["Payload"])["parts"])


def results(s3: Any, suffix: str) -> Iterator[tuple[str, bytes]]:
    for bucket in ("fleet-local-curated", "fleet-local-quarantine"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for key in (entry["Key"] for entry in page.get("Contents", [])):
                if key.endswith(suffix):
                    # Parts that a newer report no longer lists go after it is written.
                    with contextlib.suppress(s3.exceptions.NoSuchKey):
                        yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def tables(s3: Any) -> dict[str, str]:
    """The SHA-256 of every Parquet file that is a result."""
    return {key: hashlib.sha256(body).hexdigest() for key, body in results(s3, ".parquet")}


def reports(s3: Any) -> dict[str, dict[str, Any]]:
    """The reports by the key of the raw object."""
    found = (json.loads(body) for _, body in results(s3, "/report.json"))
    return {report["object_key"]: report for report in found}
