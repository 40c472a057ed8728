"""Deliberate mistakes in catalogue or variables: each is refused, with a message that helps."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import CatalogueError, load
from terraform.offline import FIXTURE, Project, write_variables

IMAGE = "0123456789abcdef-x86_64@sha256:" + "1" * 64
ZIP = {"bucket": "shop-packages", "key": "sweep/1.zip", "source_code_hash": "A" * 43 + "="}
IMAGES = {"refine": IMAGE, "decide": IMAGE.replace("x86_64", "arm64"), "doorman": IMAGE}


@dataclass(frozen=True)
class Mistake:
    """A change of the fixture catalogue (before, after) or of variables; what must be said."""

    message: str
    change: tuple[str, str] | None = None
    variables: dict[str, Any] = field(default_factory=dict)

    def catalogue(self) -> str:
        good = FIXTURE.read_text()
        if self.change is None:
            return good
        assert good.count(self.change[0]) >= 1
        return good.replace(self.change[0], self.change[1], 1)


# Refused by the variables themselves, so that one plan tells of several.
VARIABLES = {
    "image by tag": Mistake(
        "images takes tag@digest", variables={"images": {**IMAGES, "refine": "latest"}}
    ),
    "image by digest alone": Mistake(
        "wrong: refine = sha256:",
        variables={"images": {**IMAGES, "refine": IMAGE.split("@")[1]}},
    ),
    "cut digest": Mistake(
        "as the push prints them", variables={"images": {**IMAGES, "refine": IMAGE[:-1]}}
    ),
    "zip with a hex hash": Mistake(
        "must be the file's SHA-256 in base64: openssl",
        variables={"zips": {"sweep": {**ZIP, "source_code_hash": "0" * 64}}},
    ),
    "moving to an unknown type": Mistake(
        "image or zip for each function; wrong: sweep = tar.",
        variables={"parallel_packages": {"sweep": "tar"}},
    ),
    "account that is no account": Mistake(
        "must be the 12 digits of an AWS account", variables={"account_id": "12345"}
    ),
    "environment with capitals": Mistake(
        "must be 2 to 12 lower-case letters", variables={"environment": "Dev"}
    ),
    "environment of the local cloud": Mistake(
        "other than ci, local, registry", variables={"environment": "local"}
    ),
    "region that is none": Mistake('"europe" is not an AWS region', variables={"region": "europe"}),
    "disposable production": Mistake(
        "cannot be disposable: remove `disposable`, or rename the environment",
        variables={"environment": "prod"},
    ),
    "unknown retention": Mistake(
        "log_retention_days 15 must be a number that CloudWatch Logs knows: 1,",
        variables={"log_retention_days": 15},
    ),
    "versions that expire at once": Mistake(
        "noncurrent_version_days must be 1 or more", variables={"noncurrent_version_days": 0}
    ),
    "address without domain": Mistake(
        "alarm_emails takes mail addresses; wrong: team", variables={"alarm_emails": ["team"]}
    ),
    "throttling of everything": Mistake(
        "with 0 every request is answered 429", variables={"http_api": {"rate_limit": 0}}
    ),
    "credentials from anywhere": Mistake(
        "Browsers refuse cors.allow_credentials together with the origin *",
        variables={"http_api": {"cors": {"allow_origins": ["*"], "allow_credentials": True}}},
    ),
    "origin with a path": Mistake(
        "takes origins without a path, such as https://shop.example, or *; wrong: https://shop.example/",
        variables={"http_api": {"cors": {"allow_origins": ["https://shop.example/"]}}},
    ),
    "small network": Mistake(
        "must be an IPv4 range from /16 to /24", variables={"vpc": {"cidr": "10.0.0.0/28"}}
    ),
    "network in one zone": Mistake(
        "one zone alone fails with it", variables={"vpc": {"cidr": "10.0.0.0/20", "zones": 1}}
    ),
}

# Refused where variables and catalogue meet, which Terraform reaches only if the rest is right.
RESULTS = {
    "unknown log level": Mistake(
        'log_level "LOUD" is unknown to Lambda: use TRACE, DEBUG', variables={"log_level": "LOUD"}
    ),
    "budget of nothing": Mistake(
        "The budget must be above 0 US dollars", variables={"monthly_budget_usd": 0}
    ),
    "missing image": Mistake(
        "shop-dev-refine has no image: build and push it",
        variables={"images": {k: v for k, v in IMAGES.items() if k != "refine"}},
    ),
    "image for another architecture": Mistake(
        "is built for x86_64, the function runs on arm64: build it with ARCH=arm64",
        variables={"images": {**IMAGES, "decide": IMAGE}},
    ),
    "image of no function": Mistake(
        "images names functions that own no image: dorman. Name the function that has",
        variables={"images": {**IMAGES, "dorman": IMAGE}},
    ),
    "image of a function in another's": Mistake(
        "images names functions that own no image: decide-batch",
        variables={"images": {**IMAGES, "decide-batch": IMAGE}},
    ),
    "image of an undeclared function": Mistake(
        "does not declare: function swep", change=("image: sweep", "image: swep")
    ),
    "missing zip": Mistake(
        "shop-dev-sweep-zip is a zip function without a package", variables={"zips": {}}
    ),
    "zip of no function": Mistake(
        "zips names functions that own no image: swep",
        variables={"zips": {"sweep": ZIP, "swep": ZIP}},
    ),
    "moving to the type it has": Mistake(
        "parallel_packages names the package type that the catalogue has already: sweep is zip",
        variables={"parallel_packages": {"sweep": "zip"}},
    ),
    "wrong account": Mistake(
        "The credentials lead to account 123456789012, dev belongs to 999999999999",
        variables={"account_id": "999999999999"},
    ),
    "missing catalogue": Mistake(
        "is not a readable catalogue; run `make check`", variables={"catalogue": "none.yaml"}
    ),
    "snapstart with storage": Mistake(
        "SnapStart works with 512 MB of ephemeral storage only",
        change=("    snapstart: true\n", "    snapstart: true\n    ephemeral_storage_mb: 1024\n"),
    ),
    "snapstart with provisioned concurrency": Mistake(
        "SnapStart and provisioned concurrency exclude each other",
        change=("    snapstart: true\n", "    snapstart: true\n    provisioned_concurrency: 1\n"),
    ),
    "provisioned above reserved": Mistake(
        "provisioned_concurrency 6 is above reserved_concurrency 5",
        change=("provisioned_concurrency: 2", "provisioned_concurrency: 6"),
    ),
    "throttled queues": Mistake(
        "refine has reserved_concurrency 5, its queues (refine-s3-1, refine-s3-2) max_concurrency 6"
        " in all: Lambda would throttle messages",
        change=("max_concurrency: 3}", "max_concurrency: 4}"),
    ),
    "large batch without window": Mistake(
        "Queue refine-s3-2 of refine has batch_size 100: a batch of more than 10 needs time",
        change=(", batch_window_s: 20", ""),
    ),
    "undeclared bucket": Mistake(
        "The catalogue uses what it does not declare: bucket prd. Declare it there",
        change=("writes: {buckets: [prod]", "writes: {buckets: [prd]"),
    ),
    "undeclared secret": Mistake(
        "does not declare: secret sign-key", change=("[signing-key]", "[sign-key]")
    ),
    "undeclared authorizer": Mistake(
        "does not declare: function dorman", change=("authorizer: doorman", "authorizer: dorman")
    ),
    "guarded route without authorizer": Mistake(
        "no authorizer for the authorized routes POST /orders, PUT /orders/{id}: name a",
        change=("authorizer: doorman\n", ""),
    ),
    "shared queue": Mistake(
        "A queue has one consumer, two would each see a random half",
        change=('{type: http, route: "DELETE /waste", open: true}', "{type: queue, queue: orders}"),
    ),
    "shared route": Mistake(
        "A route has one function: GET /orders/{id} (decide, sweep)",
        change=("DELETE /waste", "GET /orders/{id}"),
    ),
    "unknown trigger": Mistake(
        "Nothing here wires triggers of type timer",
        change=("{type: schedule, expression: rate(5 minutes)}", "{type: timer}"),
    ),
    "rules for two policies": Mistake(
        "triggers of types s3 and schedule do not fit into the policy of undelivered-events",
        change=(
            "{type: schedule, expression: rate(5 minutes)}",
            "\n      - ".join(["{type: schedule, expression: rate(5 minutes)}"] * 150),
        ),
    ),
    "kept name": Mistake(
        "are reserved: rename unused-dlq",
        change=("  unused:", "  unused-dlq:"),
    ),
    "expiry of an undeclared bucket": Mistake(
        "does not declare: bucket goods",
        change=("  raw: {in/done/", '  goods: {"": 7}\n  raw: {in/done/'),
    ),
    "expiry at once": Mistake(
        'expire_days takes whole days from 1 on; wrong: "in/tried/" = 0',
        change=("in/tried/: 7", "in/tried/: 0"),
    ),
    "state machine that nobody may start": Mistake(
        "does not declare: function refyne",
        change=("started_by: [decide, refine]", "started_by: [decide, refyne]"),
    ),
    "memory beyond Lambda": Mistake(
        "shop-dev-decide: memory_mb 20480 must be between 128 and 10240",
        change=("memory_mb: 512", "memory_mb: 20480")
    ),
    "name beyond Lambda": Mistake(
        "Shorten the project's, the environment's or the function's name",
        change=("project: shop", f"project: {'shop' * 15}"),
    ),
    "definition with an unknown name": Mistake(
        'vars map does not contain key "raw_bucket"',
        change=("    reads: {buckets: [raw]}\n    writes: {buckets: [prod]}\n    started_by",
                "    writes: {buckets: [prod]}\n    started_by"),
    ),
}  # fmt: skip

TERRAFORM = VARIABLES | RESULTS

CATALOGUE = {
    "secret that is not declared": Mistake(
        "secret 'sign-key' is not declared; allowed: signing-key",
        change=("[signing-key]", "[sign-key]"),
    ),
    "parameter that is not declared": Mistake(
        "parameter 'limit' is not declared; allowed: limits", change=("[limits]", "[limit]")
    ),
    "table that is not declared": Mistake(
        "table 'seens' is not declared; allowed: baskets, seen",
        change=("tables: [seen, baskets]", "tables: [seens, baskets]"),
    ),
    "call of no function": Mistake(
        "function 'dorman' is not declared", change=("calls: [doorman]", "calls: [dorman]")
    ),
    "expiry of no bucket": Mistake(
        "bucket 'goods' is not declared; allowed: prod, raw",
        change=("  raw: {in/done/", '  goods: {"": 7}\n  raw: {in/done/'),
    ),
    "expiry on the same day": Mistake(
        "greater than or equal to 1", change=("in/tried/: 7", "in/tried/: 0")
    ),
    "unknown package type": Mistake(
        "input should be 'image' or 'zip'", change=("package_type: zip", "package_type: tar")
    ),
    "reserved nothing": Mistake(
        "greater than or equal to 1",
        change=("reserved_concurrency: 5", "reserved_concurrency: 0"),
    ),
    "three retries": Mistake(
        "less than or equal to 2", change=("async_retries: 0", "async_retries: 3")
    ),
    "alarm beyond the timeout": Mistake(
        "less than or equal to 100", change=("duration_percent: 50", "duration_percent: 150")
    ),
    "one consumer at a time": Mistake(
        "greater than or equal to 2", change=("max_concurrency: 4", "max_concurrency: 1")
    ),
    "provisioned with snapstart": Mistake(
        "not possible with provisioned concurrency",
        change=("    snapstart: true\n", "    snapstart: true\n    provisioned_concurrency: 1\n"),
    ),
    "more provisioned than reserved": Mistake(
        "6 is above reserved_concurrency 5",
        change=("provisioned_concurrency: 2", "provisioned_concurrency: 6"),
    ),
    "queues above reserved": Mistake(
        "5 is below max_concurrency 6 of the queues refine-s3-1, refine-s3-2",
        change=("max_concurrency: 3}", "max_concurrency: 4}"),
    ),
    "name kept for zips": Mistake(
        "kept for a zip package", change=("  sweep:", "  sweep-zip:")
    ),
    "large batch without a window": Mistake(
        "100 is more than 10, which needs batch_window_s",
        change=(", batch_window_s: 20", ""),
    ),
    "route of nobody knows whom": Mistake(
        "say who may call the route", change=(", open: true}", "}"),
    ),
    "key with a hyphen": Mistake(
        "'opened-at' is not allowed; it must match",
        change=("sort_key: opened_at", "sort_key: opened-at"),
    ),
}  # fmt: skip


def batches() -> list[list[str]]:
    """Names of mistakes that are planned together: those of different variables, else alone."""
    together: list[list[str]] = []
    for name, mistake in VARIABLES.items():
        for batch in together:
            if not any(set(VARIABLES[n].variables) & set(mistake.variables) for n in batch):
                batch.append(name)
                break
        else:
            together.append([name])
    return [[], *together, *([name] for name in RESULTS)]


@pytest.fixture(scope="module")
def diagnostics(
    offline_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """By mistake, and for none: what Terraform says when it plans it."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "state-machines").symlink_to(FIXTURE.parent / "state-machines")
    script = ""
    for number, batch in enumerate(batches()):
        catalogue = folder / f"{number}.yaml"
        catalogue.write_text((TERRAFORM[batch[0]] if batch else Mistake("")).catalogue())
        values: dict[str, Any] = {"images": IMAGES, "zips": {"sweep": ZIP}}
        values["catalogue"] = str(catalogue)
        for name in batch:
            values |= TERRAFORM[name].variables
        variables = write_variables(folder / f"{number}.tfvars.json", **values)
        script += (
            f"terraform plan -json -input=false -refresh=false"
            f" -var-file=environments/dev.tfvars -var-file={variables} > {folder}/{number}.out;\n"
        )
    done = offline_project.run("terraform", script + "true")
    assert done.returncode == 0, done.stderr
    said = {}
    for number, batch in enumerate(batches()):
        said |= dict.fromkeys(batch or ["none"], errors(folder / f"{number}.out"))
    return said


def errors(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines
    return [line["diagnostic"] for line in lines if line["@level"] == "error"]


def test_terraform_takes_the_fixture_without_mistakes(
    diagnostics: dict[str, list[dict[str, Any]]],
) -> None:
    assert diagnostics["none"] == []


@pytest.mark.parametrize("name", TERRAFORM)
def test_terraform_refuses(name: str, diagnostics: dict[str, list[dict[str, Any]]]) -> None:
    said = diagnostics[name]

    assert any(TERRAFORM[name].message in diagnostic["detail"] for diagnostic in said), said
    # Nothing that only the author of the configuration understands.
    summaries = {diagnostic["summary"] for diagnostic in said}
    assert summaries <= {
        "Invalid value for variable",
        "Resource precondition failed",
        "Invalid function argument",
    }


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_catalogue_refuses(name: str, tmp_path: Path) -> None:
    mistake = CATALOGUE[name]
    path = tmp_path / "functions.yaml"
    path.write_text(mistake.catalogue())

    with pytest.raises(CatalogueError) as caught:
        load(path)

    said = [line for line in str(caught.value).splitlines() if mistake.message in line]
    assert said, str(caught.value)
    assert said[0].startswith("functions.yaml:")


def test_there_are_enough_mistakes() -> None:
    assert len(TERRAFORM) >= 15
    assert len(TERRAFORM) + len(CATALOGUE) >= 25
