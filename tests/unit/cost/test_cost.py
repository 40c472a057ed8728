"""An estimate is arithmetic: catalogue times traffic times prices, each checked by hand here."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fleet.catalogue import Catalogue, load
from fleet.cost.estimate import MONTH_S, estimate
from fleet.cost.inputs import PRICES, Traffic, load_prices, load_traffic
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, TRAFFIC

QUIET = {
    "functions": {"default": {"requests": 0, "ms": 0}},
    "buckets": {"default": {"stored_gb": 0}},
    "tables": {"default": {"stored_gb": 0, "reads": 0, "writes": 0}},
    "registry": {"images": 0, "compressed_percent": 50},
    "logs": {"kept_months": 1},
    "traces": {"sampled_percent": 0},
    "queues": {"empty_receives": 0},
}


def catalogue(**function: object) -> Catalogue:
    first = {
        "folder": "functions/first",
        "description": "A function",
        "handler": "handler.lambda_handler",
        "memory_mb": 2048,
        "timeout_s": 10,
        "budgets": {"image_mb": 500, "init_ms": 2000},
    } | function
    return Catalogue.model_validate(
        {
            "project": "shop",
            "buckets": {"raw": "Raw"},
            "queues": {"jobs": {"description": "Jobs"}},
            "tables": {"seen": {"description": "Seen", "partition_key": "id"}},
            "functions": {"first": first},
        }
    )


def bill(made: Catalogue, **traffic: object) -> dict[tuple[str, str], float]:
    stated = Traffic.model_validate(QUIET | traffic)
    return {(i.of, i.what): round(i.usd, 4) for i in estimate(made, stated, load_prices())}


def of_function(made: Catalogue, **stated: object) -> dict[str, float]:
    found = bill(made, functions={"first": {"requests": 1_000_000, "ms": 500} | stated})
    return {what: usd for (of, what), usd in found.items() if of == "first"}


def test_requests_and_duration() -> None:
    # 10^6 invocations of 0.5 s with 2 GB are 10^6 GB-s.
    found = of_function(catalogue())
    assert found["lambda_requests"] == 0.20
    assert found["lambda_duration_x86_64"] == 16.6667


def test_arm_has_its_own_price() -> None:
    assert of_function(catalogue(architecture="arm64"))["lambda_duration_arm64"] == 13.3334


def test_initialisation_is_billed() -> None:
    # 10 % of 10^6 cold starts of 2 s (the catalogue's budget) with 2 GB add 400,000 GB-s.
    found = of_function(catalogue(), cold_starts_percent=10)
    assert found["lambda_duration_x86_64"] == round(1.4e6 * 0.0000166667, 4)
    stated = of_function(catalogue(), cold_starts_percent=10, init_ms=1000)
    assert stated["lambda_duration_x86_64"] == round(1.2e6 * 0.0000166667, 4)


def test_snapstart_restores_instead() -> None:
    found = of_function(catalogue(snapstart=True), cold_starts_percent=10)
    assert found["lambda_duration_x86_64"] == 16.6667
    assert found["lambda_snapstart_cache"] == round(2 * MONTH_S * 0.0000015046, 4)
    assert found["lambda_snapstart_restore"] == round(2 * 100_000 * 0.0001397998, 4)


def test_storage_above_what_is_free() -> None:
    found = of_function(catalogue(ephemeral_storage_mb=512 + 1024))
    assert found["lambda_ephemeral_storage"] == round(500_000 * 0.0000000309, 4)
    assert "lambda_ephemeral_storage" not in of_function(catalogue())


def test_provisioned_concurrency_is_billed_all_month() -> None:
    found = of_function(catalogue(provisioned_concurrency=2))
    assert found["lambda_provisioned_x86_64"] == round(2 * 2 * MONTH_S * 0.0000041667, 4)
    assert found["lambda_provisioned_duration_x86_64"] == 9.7222
    assert "lambda_duration_x86_64" not in found


def test_routes() -> None:
    route = {"type": "http", "route": "GET /orders", "open": True}
    found = of_function(catalogue(triggers=[route]), response_kb=10)
    assert found["http_api_requests"] == 1.00
    assert found["data_out"] == 0.9
    # Beside the function's three: failed requests.
    assert found["alarms"] == 0.40
    assert bill(catalogue(triggers=[route]))["HTTP API", "alarms"] == 0.10
    assert "sqs_requests" not in found


def test_queues() -> None:
    trigger = {"type": "queue", "queue": "jobs"}
    found = bill(
        catalogue(triggers=[trigger]),
        functions={"first": {"requests": 1_000_000, "ms": 1}},
        queues={"empty_receives": 500_000},
    )
    assert found["first", "sqs_requests"] == 1.40
    # Beside the function's three: failed messages, dead letters, and the oldest message.
    assert found["first", "alarms"] == 0.60


def test_events() -> None:
    trigger = {"type": "s3", "bucket": "raw"}
    made = catalogue(triggers=[trigger, {**trigger, "prefix": "in/"}], reads={"buckets": ["raw"]})
    found = bill(made, buckets={"raw": {"stored_gb": 0, "events": 3_000_000}})
    # An event costs the same, however many rules match it.
    assert found["bucket raw", "eventbridge_events"] == 3.00
    assert found["undelivered events", "alarms"] == 0.10
    # Two of a consumer, one of each queue, two of each rule.
    assert found["first", "alarms"] == round(0.30 + 0.20 + 2 * 0.10 + 2 * 0.20, 4)
    silent = bill(catalogue(), buckets={"raw": {"stored_gb": 0, "events": 3_000_000}})
    assert ("bucket raw", "eventbridge_events") not in silent


def test_an_image_of_two_functions_is_stored_once() -> None:
    made = catalogue(architecture="arm64")
    batch = {
        "image": "first",
        "description": "The batch of it",
        "handler": "batch_handler.lambda_handler",
        "memory_mb": 1024,
        "timeout_s": 900,
        "budgets": {"init_ms": 1},
    }
    functions = {"first": made.functions["first"].model_dump(exclude_unset=True), "batch": batch}
    made = Catalogue.model_validate(made.model_dump(exclude_unset=True) | {"functions": functions})
    found = bill(
        made,
        functions={"default": {"requests": 1_000_000, "ms": 1}},
        registry={"images": 10, "compressed_percent": 40},
    )
    assert found["first", "ecr_storage"] == 0.2
    assert ("batch", "ecr_storage") not in found
    # Its architecture is that of the image.
    assert found["batch", "lambda_duration_arm64"] == round(1000 * 0.0000133334, 4)


def test_objects_logs_traces_and_images() -> None:
    made = catalogue()
    found = bill(
        made,
        functions={
            "first": {"requests": 1_000_000, "ms": 1, "log_kb": 2, "s3_gets": 1, "s3_puts": 2}
        },
        traces={"sampled_percent": 5},
        registry={"images": 10, "compressed_percent": 40},
    )
    assert found["first", "logs_ingestion"] == 1.0
    assert found["first", "logs_storage"] == 0.06
    assert found["first", "traces"] == 0.25
    assert found["first", "s3_gets"] == 0.4
    assert found["first", "s3_puts"] == 10.0
    assert found["first", "ecr_storage"] == 0.2
    assert found["first", "alarms"] == 0.3


def test_buckets_and_tables() -> None:
    found = bill(
        catalogue(),
        buckets={"raw": {"stored_gb": 100}},
        tables={"seen": {"stored_gb": 2, "reads": 8_000_000, "writes": 1_000_000}},
    )
    assert found["bucket raw", "s3_storage"] == 2.30
    assert found["table seen", "dynamodb_storage"] == 0.50
    assert found["table seen", "dynamodb_recovery"] == 0.40
    assert found["table seen", "dynamodb_reads"] == 1.00
    assert found["table seen", "dynamodb_writes"] == 0.625


def test_nothing_used_costs_what_is_there_all_the_same() -> None:
    assert bill(catalogue()) == {
        ("first", "alarms"): 0.3,
        ("queues without consumer", "alarms"): 0.1,
        ("dashboard", "dashboards"): 3.0,
    }


class TestFiles:
    def test_the_example_fits_the_catalogue(self) -> None:
        load_traffic(load(CATALOGUE))

    def test_every_price_names_its_page_and_is_used(self) -> None:
        prices = load_prices()
        assert all("pricing" in p.page.lower() for p in prices.prices.values())
        source = Path(estimate.__code__.co_filename).read_text()
        for name in prices.prices:
            stem = name.removesuffix("_x86_64").removesuffix("_arm64")
            assert stem in source, name

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"functions": {"frist": {"requests": 1, "ms": 1}}}, "functions.frist is not in the"),
            ({"functions": {}}, "functions names neither first nor default"),
            ({"functions": {"first": {"requests": -1, "ms": 1}}}, "functions.first.requests"),
            ({"functions": {"first": {"request": 1, "ms": 1}}}, "functions.first"),
            ({"registry": {"images": 1, "compressed_percent": 120}}, "compressed_percent"),
        ],
    )
    def test_a_wrong_traffic_file(self, tmp_path: Path, change: dict, message: str) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(QUIET | change))
        with pytest.raises(FleetError, match=f"mine.yaml: .*{message}"):
            load_traffic(catalogue(), path)

    @pytest.mark.parametrize(
        ("content", "message"), [("[", "not valid YAML"), ("", "mine.yaml"), ("a: 1", "mine.yaml")]
    )
    def test_no_traffic_file(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text(content)
        with pytest.raises(FleetError, match=message):
            load_traffic(catalogue(), path)
        with pytest.raises(FleetError, match="cannot be read"):
            load_traffic(catalogue(), tmp_path / "other.yaml")

    def test_they_are_dated_and_of_one_region(self) -> None:
        assert load_prices().region == "us-east-1"
        assert PRICES.exists()
        assert TRAFFIC.exists()
