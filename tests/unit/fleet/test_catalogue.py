"""The catalogue refuses what is wrong, naming file, line, place and what is allowed."""

from dataclasses import fields
from pathlib import Path
from textwrap import dedent

import pytest

from fleet.catalogue import CatalogueError, json_schema, load
from fleet.catalogue.derive import Names, consumed_queues, variables
from fleet.paths import CATALOGUE, CATALOGUE_SCHEMA

GOOD = """\
project: shop
buckets:
  raw: Raw files
queues:
  files:
    description: Files to read
authorizer: guard
functions:
  reader:
    folder: functions/reader
    description: Reads
    handler: handler.lambda_handler
    memory_mb: 512
    timeout_s: 10
    environment: {LEVEL: high}
    reads: {buckets: [raw]}
    writes: {queues: [files-dlq]}
    triggers:
      - {type: s3, bucket: raw, suffix: .csv, queue: files}
      - {type: http, route: "GET /files/{id}", authorized: true}
      - {type: schedule, expression: rate(1 hour)}
    budgets: {image_mb: 100, init_ms: 500}
  guard:
    folder: functions/guard
    description: Guards
    handler: handler.lambda_handler
    memory_mb: 128
    timeout_s: 3
    budgets: {image_mb: 100, init_ms: 500}
"""


@pytest.fixture
def catalogue_file(tmp_path: Path) -> Path:
    for name in ("reader", "guard"):
        folder = tmp_path / "functions" / name
        (folder / "src").mkdir(parents=True)
        for file in ("Dockerfile", "requirements.in", "src/handler.py"):
            (folder / file).touch()
    path = tmp_path / "functions.yaml"
    path.write_text(GOOD)
    return path


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(GOOD.splitlines(), 1) if text in line)


def test_a_good_catalogue_loads(catalogue_file):
    catalogue = load(catalogue_file)

    assert list(catalogue.functions) == ["reader", "guard"]
    assert consumed_queues(catalogue.functions["reader"]) == {"files": 1}


def test_environment_follows_from_what_a_function_may_use(catalogue_file):
    catalogue = load(catalogue_file)
    names = Names(*(f"{kind.name}-{{}}".format for kind in fields(Names)))

    assert variables(catalogue, "guard", names) == {}
    assert variables(catalogue, "reader", names) == {
        "LEVEL": "high",
        "RAW_BUCKET": "bucket-raw",
        "FILES_DLQ_QUEUE_URL": "queue-files-dlq",
    }


MISTAKES = {
    "unknown key": ("timeout_s: 10", "timeout: 10", "timeout", "unknown key"),
    "missing key": ("    memory_mb: 512\n", "", None, "memory_mb: missing"),
    "memory too small": ("memory_mb: 512", "memory_mb: 64", "memory_mb: 64", "equal to 128"),
    "memory too large": ("memory_mb: 512", "memory_mb: 10241", "memory_mb", "equal to 10240"),
    "memory as text": ("memory_mb: 512", 'memory_mb: "512"', "memory_mb", "valid integer"),
    "timeout too long": ("timeout_s: 10", "timeout_s: 901", "timeout_s", "equal to 900"),
    "missing folder": ("functions/reader", "functions/other", "folder", "does not exist"),
    "missing handler": ("handler: handler.", "handler: main.", "folder", "has no src/main.py"),
    "shared folder": ("folder: functions/guard", "folder: functions/reader", "folder",
                      "belongs to reader already"),
    "bad name": ("  reader:", "  Reader:", "Reader", "must match"),
    "reserved variable": ("LEVEL: high", "AWS_REGION: x", "AWS_REGION", "reserved by Lambda"),
    "unknown bucket": ("bucket: raw, suffix", "bucket: row, suffix", "bucket: row",
                       "bucket 'row' is not declared; allowed: raw"),
    "unread trigger bucket": ("reads: {buckets: [raw]}", "reads: {}", "type: s3",
                              "add raw to reads.buckets"),
    "unknown queue": ("queue: files", "queue: file", "queue: file", "allowed: files"),
    "unknown trigger": ("type: schedule", "type: timer", "timer", "allowed: 's3', 'queue'"),
    "bad schedule": ("rate(1 hour)", "every hour", "every hour", "must match"),
    "bad route": ('"GET /files/{id}"', '"FETCH /files"', "FETCH", "must match"),
    "no authorizer": ("authorizer: guard\n", "", "authorized: true", "needs `authorizer:`"),
    "unknown authorizer": ("authorizer: guard", "authorizer: gate", "gate", "allowed: guard"),
    "snapstart and storage": ("timeout_s: 10", "timeout_s: 10\n    snapstart: true\n"
                              "    ephemeral_storage_mb: 1024", "snapstart", "512 MB"),
    "dlq name taken": ("  files:\n", "  files-dlq:\n", "files-dlq:", "kept for dead-letter"),
    "large environment": ("LEVEL: high", f"LEVEL: {'x' * 4096}", "environment", "4096 in all"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_refuses(catalogue_file, mistake):
    before, after, place, message = MISTAKES[mistake]
    text = GOOD.replace(before, after, 1)
    assert text != GOOD
    catalogue_file.write_text(text)

    with pytest.raises(CatalogueError) as caught:
        load(catalogue_file)

    complaints = [line for line in str(caught.value).splitlines() if message in line]
    assert complaints, str(caught.value)
    file, line, _ = complaints[0].split(":", 2)
    assert file == "functions.yaml"
    if place is not None:
        assert place in text.splitlines()[int(line) - 1]


def test_names_the_first_of_two_equal_names(catalogue_file):
    catalogue_file.write_text(GOOD.replace("  guard:", "  reader:"))

    with pytest.raises(CatalogueError, match=f"named twice, on lines {line_of('  reader:')} and"):
        load(catalogue_file)


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ('{type: http, route: "GET /files/{key}"}', "GET /files/{key} is taken by reader"),
        ("{type: s3, bucket: raw, suffix: v.csv, queue: files}", "S3 refuses that"),
        ("{type: queue, queue: files}", "consumed by reader"),
    ],
)
def test_refuses_triggers_that_clash(catalogue_file, trigger, message):
    second = dedent(f"""\
            reads: {{buckets: [raw]}}
            triggers:
              - {trigger}
        """)
    catalogue_file.write_text(GOOD + "".join(f"    {line}\n" for line in second.splitlines()))

    with pytest.raises(CatalogueError) as caught:
        load(catalogue_file)

    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "- 1", "functions: [", "project: \x00"])
def test_refuses_what_is_no_catalogue(catalogue_file, text):
    catalogue_file.write_text(text)

    with pytest.raises(CatalogueError, match=r"^functions\.yaml"):
        load(catalogue_file)


def test_reports_all_problems_at_once_in_the_order_of_lines(catalogue_file):
    catalogue_file.write_text(
        GOOD.replace("memory_mb: 512", "memory_mb: 1").replace("_s: 3", "_s: 0")
    )

    with pytest.raises(CatalogueError) as caught:
        load(catalogue_file)

    lines = [int(line.split(":")[1]) for line in str(caught.value).splitlines()]
    assert len(lines) == 2
    assert lines == sorted(lines)


def test_the_schema_beside_the_catalogue_is_that_of_the_model():
    assert CATALOGUE_SCHEMA.read_text() == json_schema(), "run: make schema"


def test_this_repositorys_catalogue_is_good():
    assert load(CATALOGUE).functions
