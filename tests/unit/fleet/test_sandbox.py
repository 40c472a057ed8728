"""What a function finds in its environment in a container."""

from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import variables
from fleet.emulation import names
from fleet.images import sandbox
from fleet.paths import CATALOGUE


def test_every_variable_of_the_catalogue_is_there_without_an_endpoint() -> None:
    catalogue = load(CATALOGUE)
    for name in catalogue.functions:
        found = sandbox.environment(catalogue, name, "verify")

        wanted = variables(catalogue, name, names(catalogue, "verify", "https://aws.invalid"))
        assert wanted.items() <= found.items()
        assert "AWS_ENDPOINT_URL" not in found


def test_an_endpoint_is_where_the_sdk_and_the_urls_lead() -> None:
    catalogue = load(CATALOGUE)

    found = sandbox.environment(catalogue, "raw-to-curated", "smoke", "http://cloud:4566")

    assert found["AWS_ENDPOINT_URL"] == "http://cloud:4566"
    assert found["DEAD_LETTER_QUEUE_URL"].startswith("http://cloud:4566/")


def test_only_another_handler_than_the_owners_replaces_the_command() -> None:
    limits = {"description": "Judges", "memory_mb": 256, "timeout_s": 5}
    judge = {"folder": "ai-systems/judge", "handler": "handler.lambda_handler"}
    batch = {"image": "judge", "handler": "batch_handler.lambda_handler"}
    catalogue = Catalogue.model_validate(
        {
            "project": "shop",
            "functions": {
                "judge": limits | judge | {"budgets": {"image_mb": 1, "init_ms": 1}},
                "judge-batch": limits | batch | {"budgets": {"init_ms": 1}},
            },
        }
    )

    assert sandbox.command(catalogue, "judge") == []
    assert sandbox.command(catalogue, "judge-batch") == ["batch_handler.lambda_handler"]
