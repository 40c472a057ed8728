"""State machines in the catalogue and among the resources of the local cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.catalogue import Catalogue, CatalogueError, load
from fleet.catalogue.derive import fill
from fleet.cloud.resources import resources_of

CATALOGUE = """\
project: shop
buckets: {raw: Raw files, sums: Sums}
functions:
  add-up:
    folder: functions/add-up
    description: Adds up
    handler: handler.lambda_handler
    memory_mb: 128
    timeout_s: 3
    budgets: {image_mb: 100, init_ms: 500}
state_machines:
  sum-all:
    description: Adds up everything
    definition: state-machines/sum-all.asl.json
    invokes: [add-up]
    reads: {buckets: [raw]}
    started_by: [add-up]
"""
DEFINITION = """\
{
  "StartAt": "All",
  "States": {
    "All": {"Function": "${add_up_arn}", "Prefix.$": "$.prefix",
            "Bucket": "${raw_bucket}", "Again": "${raw_bucket}", "End": true}
  }
}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "functions" / "add-up"
    (folder / "src").mkdir(parents=True)
    for file in ("Dockerfile", "requirements.in", "src/handler.py"):
        (folder / file).touch()
    (tmp_path / "state-machines").mkdir()
    (tmp_path / "state-machines" / "sum-all.asl.json").write_text(DEFINITION)
    (tmp_path / "functions.yaml").write_text(CATALOGUE)
    return tmp_path


def test_the_definition_is_filled_and_the_function_knows_its_arn(root: Path) -> None:
    resources = resources_of(load(root / "functions.yaml"), "http://127.0.0.1:1", 2, root)

    [machine] = resources.state_machines
    assert machine.name == "shop-local-sum-all"
    [state] = json.loads(machine.definition)["States"].values()
    assert state == {
        "Function": "arn:aws:lambda:us-east-1:000000000000:function:shop-local-add-up",
        "Prefix.$": "$.prefix",
        "Bucket": "shop-local-raw",
        "Again": "shop-local-raw",
        "End": True,
    }
    assert resources.functions[0].environment["SUM_ALL_STATE_MACHINE_ARN"] == (
        "arn:aws:states:us-east-1:000000000000:stateMachine:shop-local-sum-all"
    )


def test_a_function_that_may_not_start_it_is_not_told_where_it_is(root: Path) -> None:
    path = root / "functions.yaml"
    path.write_text(CATALOGUE.replace("    started_by: [add-up]\n", ""))

    [function] = resources_of(load(path), "http://127.0.0.1:1", 2, root).functions

    assert "SUM_ALL_STATE_MACHINE_ARN" not in function.environment


def test_a_placeholder_without_a_value_is_not_left_in_the_text() -> None:
    with pytest.raises(KeyError):
        fill("${a} ${b}", {"a": "1"})


IN_CATALOGUE = {
    "unknown function": ("invokes: [add-up]", "invokes: [add]", "allowed: add-up"),
    "unknown starter": ("started_by: [add-up]", "started_by: [add]", "allowed: add-up"),
    "unknown bucket": ("[raw]}", "[row]}", "bucket 'row' is not declared; allowed: raw, sums"),
    "unused bucket": ("[raw]}", "[raw, sums]}", "does not use ${sums_bucket}"),
    "missing file": ("sum-all.asl", "sum-some.asl", "sum-some.asl.json does not exist"),
    "another folder": ("state-machines/", "../", "must match"),
    "unknown key": ("invokes:", "calls:", "unknown key"),
}
IN_DEFINITION = {
    "unknown placeholder": ('"${add_up_arn}"', '"${add_arn}"', ":4: placeholder 'add_arn'"),
    "expression": ('"${add_up_arn}"', '"${upper(add_up_arn)}"', ":4: '${'"),
    "escaped": ('"${add_up_arn}"', '"$${add_up_arn}"', ":4: '$${'"),
    "directive": ('"${add_up_arn}"', '"%{ if x }${add_up_arn}"', ":4: '%{'"),
    "no JSON": ('"End": true}', '"End": true,}', "is not valid JSON"),
    "number as placeholder": ('"${add_up_arn}"', "${add_up_arn}", "is not valid JSON"),
}


@pytest.mark.parametrize("mistake", IN_CATALOGUE)
def test_refuses_a_mistake_in_the_catalogue(root: Path, mistake: str) -> None:
    before, after, message = IN_CATALOGUE[mistake]
    text = CATALOGUE.replace(before, after, 1)
    assert text != CATALOGUE
    (root / "functions.yaml").write_text(text)

    with pytest.raises(CatalogueError) as caught:
        load(root / "functions.yaml")

    [complaint] = [line for line in str(caught.value).splitlines() if message in line]
    _, line, place, _ = complaint.split(":", 3)
    assert place.strip().startswith("state_machines.sum-all")
    # For a file that the catalogue only names, the line is the one that names it.
    named = "definition:" if "unused" in mistake else after.split(":")[0].strip("[]}{ ")
    assert named in text.splitlines()[int(line) - 1]


@pytest.mark.parametrize("mistake", IN_DEFINITION)
def test_refuses_a_mistake_in_the_definition(root: Path, mistake: str) -> None:
    before, after, message = IN_DEFINITION[mistake]
    text = DEFINITION.replace(before, after, 1)
    assert text != DEFINITION
    (root / "state-machines" / "sum-all.asl.json").write_text(text)

    with pytest.raises(CatalogueError) as caught:
        load(root / "functions.yaml")

    assert f"state-machines/sum-all.asl.json{message}" in str(caught.value) or (
        f"state-machines/sum-all.asl.json {message}" in str(caught.value)
    )


def test_the_catalogue_may_have_no_state_machine() -> None:
    small = Catalogue.model_validate({"project": "shop", "functions": {}})
    assert resources_of(small, "http://127.0.0.1:1", 2).state_machines == []
