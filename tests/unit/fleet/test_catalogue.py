"""The catalogue refuses what is wrong, naming file, line, place and what is allowed."""

from pathlib import Path
from textwrap import dedent

import pytest

from fleet.catalogue import CatalogueError, json_schema, load
from fleet.catalogue.derive import (
    ConsumedQueue,
    consumed_queues,
    event_pattern,
    schedule_rules,
    variables,
)
from fleet.catalogue.model import S3Trigger
from fleet.paths import CATALOGUE, CATALOGUE_SCHEMA
from names import NAMES

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
    triggers:
      - {type: s3, bucket: raw, suffix: .csv}
      - {type: queue, queue: files}
      - {type: http, route: "GET /files/{id}", authorized: true}
      - {type: schedule, expression: rate(1 hour)}
    budgets: {image_mb: 100, init_ms: 500}
  reader-batch:
    image: reader
    description: Reads many
    handler: batch.lambda_handler
    memory_mb: 3008
    timeout_s: 900
    budgets: {init_ms: 5000}
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
    (tmp_path / "functions/reader/src/batch.py").touch()
    path = tmp_path / "functions.yaml"
    path.write_text(GOOD)
    return path


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(GOOD.splitlines(), 1) if text in line)


def test_a_good_catalogue_loads(catalogue_file):
    catalogue = load(catalogue_file)

    assert list(catalogue.functions) == ["reader", "reader-batch", "guard"]
    trigger = catalogue.functions["reader"].triggers[0]
    assert consumed_queues(catalogue, "reader") == [
        ConsumedQueue("reader-s3-1", 10, 0, 10, 5, trigger),
        ConsumedQueue("files", 10, 0, 10, 5),
    ]
    assert schedule_rules(catalogue, "reader") == {"reader-schedule-1": "rate(1 hour)"}


def test_functions_of_an_image(catalogue_file):
    catalogue = load(catalogue_file)

    assert catalogue.images == ["reader", "guard"]
    assert catalogue.functions_of("reader") == ["reader", "reader-batch"]
    assert catalogue.owner_of("reader-batch") == catalogue.owner_of("reader") == "reader"
    assert catalogue.folder_of("reader-batch") == "functions/reader"


@pytest.mark.parametrize(
    ("prefix", "suffix", "key"),
    [
        ("in/", "", "in/*"),
        ("", ".csv", "*.csv"),
        # Prefix and suffix of one key: two conditions would be alternatives.
        ("in/", ".csv", "in/*.csv"),
        ("a*b\\", "*", "a\\*b\\\\*\\*"),
    ],
)
def test_an_event_pattern_takes_prefix_and_suffix_literally(prefix, suffix, key):
    trigger = S3Trigger(type="s3", bucket="raw", prefix=prefix, suffix=suffix)

    detail = event_pattern(trigger, "shop-dev-raw")["detail"]

    assert detail == {"bucket": {"name": ["shop-dev-raw"]}, "object": {"key": [{"wildcard": key}]}}


def test_an_event_pattern_of_a_whole_bucket_names_no_key():
    assert event_pattern(S3Trigger(type="s3", bucket="raw"), "shop-dev-raw") == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["shop-dev-raw"]}},
    }


def test_environment_follows_from_what_a_function_may_use(catalogue_file):
    catalogue = load(catalogue_file)

    assert variables(catalogue, "guard", NAMES) == {
        "POWERTOOLS_SERVICE_NAME": "service-guard",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-test",
    }
    assert variables(catalogue, "reader", NAMES) == {
        "POWERTOOLS_SERVICE_NAME": "service-reader",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-test",
        "LEVEL": "high",
        "RAW_BUCKET": "bucket-raw",
        "DEAD_LETTER_QUEUE_URL": "queue-reader-dlq",
        "MAX_RECEIVES": "5",
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
    "route without callers": (", authorized: true", "", "GET /files",
                              "say who may call the route: authorized: true"),
    "route with two callers": ("authorized: true", "authorized: true, open: true", "GET /files",
                               "say who may call the route"),
    "route authorized by no": ("authorized: true", "authorized: false", "authorized: false",
                               "False is not allowed; write true, or leave the key out"),
    "route without scopes": ("authorized: true", "authorized: {scopes: []}", "authorized:",
                             "authorized.scopes"),
    "wrong scope": ("authorized: true", "authorized: {scopes: ['a b']}", "authorized:",
                    "authorized.scopes.0: 'a b' is not allowed; it must match"),
    "unknown authorization": ("authorized: true", "authorized: {scope: [a]}", "authorized:",
                              "authorized.scope: unknown key"),
    "unknown authorizer": ("authorizer: guard", "authorizer: gate", "gate", "allowed: guard"),
    "snapstart and storage": ("timeout_s: 10", "timeout_s: 10\n    snapstart: true\n"
                              "    ephemeral_storage_mb: 1024", "snapstart", "512 MB"),
    "variable of the catalogue": ("LEVEL: high", "POWERTOOLS_SERVICE_NAME: x",
                                  "POWERTOOLS_SERVICE_NAME", "follows from the catalogue"),
    "dlq name taken": ("  files:\n", "  files-dlq:\n", "files-dlq:", "kept for a dead-letter"),
    "trigger name taken": ("  files:\n", "  files-s3-1:\n", "files-s3-1:",
                           "kept for the queue of an s3 trigger"),
    "undelivered name taken": ("  files:\n", "  undelivered-events:\n", "undelivered-events:",
                               "kept for the queue for events"),
    "zip name taken": ("  guard:\n", "  guard-zip:\n", "guard-zip:", "kept for a zip package"),
    "queue of a trigger": ("suffix: .csv}", "suffix: .csv, queue: files}", "suffix: .csv",
                           "unknown key"),
    "batch without window": ("suffix: .csv}", "suffix: .csv, batch_size: 11}", "suffix: .csv",
                             "11 is more than 10, which needs batch_window_s of at least 1"),
    "large queue batch without window": (
        "queue: files}", "queue: files, batch_size: 10000}", "queue: files",
        "10000 is more than 10, which needs batch_window_s"),
    "batch too large": ("suffix: .csv}", "suffix: .csv, batch_size: 10001}", "suffix: .csv",
                        "equal to 10000"),
    "window too long": ("suffix: .csv}", "suffix: .csv, batch_window_s: 301}", "suffix: .csv",
                        "equal to 300"),
    "too few at a time": ("suffix: .csv}", "suffix: .csv, max_concurrency: 1}", "suffix: .csv",
                          "equal to 2"),
    "less reserved": ("timeout_s: 10", "timeout_s: 10\n    reserved_concurrency: 9",
                      "reserved_concurrency", "9 is below max_concurrency 20 of the queues"),
    "neither folder nor image": ("    folder: functions/reader\n", "", "reader:",
                                 "name either folder, or image"),
    "folder and image": ("    image: reader", "    image: reader\n    folder: functions/reader",
                         "reader-batch:", "name either folder, or image"),
    "unknown image": ("image: reader", "image: writer", "image: writer",
                      "function 'writer' is not declared"),
    "image of itself": ("image: reader", "image: reader-batch", "image: reader-batch",
                        "reader-batch has no folder"),
    "architecture of an image": ("image: reader", "image: reader\n    architecture: arm64",
                                 "architecture: arm64", "follows from reader"),
    "package of an image": ("image: reader", "image: reader\n    package_type: zip",
                            "package_type: zip", "follows from reader"),
    "size of an image": ("budgets: {init_ms: 5000}", "budgets: {image_mb: 1, init_ms: 5000}",
                         "budgets", "budgets.image_mb: belongs to reader"),
    "no size": ("    budgets: {image_mb: 100, init_ms: 500}\n  reader-batch",
                "    budgets: {init_ms: 500}\n  reader-batch", "budgets",
                "image_mb is missing; it is required beside folder"),
    "missing batch handler": ("handler: batch.", "handler: bath.", "handler: bath.",
                              "functions/reader has no src/bath.py"),
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
        (
            '{type: http, route: "GET /files/{key}", open: true}',
            "GET /files/{key} is taken by reader",
        ),
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


def test_takes_large_batches_with_a_window_and_several_readers_of_one_prefix(catalogue_file):
    more = """\
    reads: {buckets: [raw]}
    triggers:
      - {type: s3, bucket: raw, suffix: .csv, batch_size: 10000, batch_window_s: 300}
      - {type: http, route: GET /open, open: true}
      - {type: http, route: GET /scoped, authorized: {scopes: [files/read, "files:write"]}}
"""
    catalogue_file.write_text(GOOD + more)

    guard = load(catalogue_file).functions["guard"]

    assert [trigger.is_open for trigger in guard.triggers[1:]] == [True, False]


def test_refuses_more_queues_than_a_dead_letter_queue_takes(catalogue_file):
    triggers = "".join(f"      - {{type: s3, bucket: raw, prefix: {n}/}}\n" for n in range(11))
    more = f"    reads: {{buckets: [raw]}}\n    triggers:\n{triggers}"
    catalogue_file.write_text(GOOD + more)

    with pytest.raises(CatalogueError, match=r"guard\.triggers: 11 queues; .* takes 10"):
        load(catalogue_file)


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
