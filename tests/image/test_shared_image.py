"""Two functions of one image: each has its own handler, limits and environment."""

from collections.abc import Callable

import pytest

from fleet.catalogue import Catalogue
from fleet.images.build import Image
from fleet.images.events import Event
from fleet.images.smoke import Outcome, smoke
from fleet.images.verify import verify

pytestmark = pytest.mark.docker

API = "def lambda_handler(event, context):\n    return {'answers': 'api'}\n"
BATCH = """\
import os

def lambda_handler(event, context):
    return {'answers': 'batch', 'task': os.environ['TASK'],
            'name': context.function_name, 'memory': int(context.memory_limit_in_mb)}
"""


@pytest.fixture
def shared(
    catalogue: Catalogue, make_image: Callable[..., tuple[Catalogue, Image]]
) -> Callable[[str], tuple[Catalogue, Image]]:
    """An image with subject.py and batch.py, and the catalogue of their two functions."""

    def make(batch: str) -> tuple[Catalogue, Image]:
        made, image = make_image(API, others={"batch.py": batch})
        owner = made.functions["bad"].model_copy(
            update={"folder": catalogue.folder_of("raw-to-curated")}
        )
        entry = owner.model_copy(
            update={
                "folder": None,
                "image": "bad",
                "handler": "batch.lambda_handler",
                "memory_mb": 512,
                "environment": {"TASK": "nightly"},
            }
        )
        return made.model_copy(update={"functions": {"bad": owner, "bad-batch": entry}}), image

    return make


def test_each_function_runs_as_the_catalogue_says(shared) -> None:
    made, image = shared(BATCH)

    def run(function: str, response: object) -> Outcome:
        event = Event.model_validate(
            {"description": "test", "event": {}, "expect": {"response": response}}
        )
        return smoke(made, image, function, "test", event, None)

    asked = run("bad", {"answers": "api"})
    nightly = run(
        "bad-batch",
        {"answers": "batch", "task": "nightly", "memory": 512, "name": "bad-batch"},
    )

    assert (asked.function, asked.failures) == ("bad", [])
    assert (nightly.function, nightly.failures) == ("bad-batch", [])


def test_verify_imports_every_handler(shared) -> None:
    made, image = shared("import does_not_exist")

    [finding] = [f for f in verify(made, image) if f.check == "handler"]

    assert finding.message.startswith("batch.lambda_handler cannot be imported")


def test_verify_expects_the_handler_of_the_owner(shared) -> None:
    made, image = shared(BATCH)

    assert [f.message for f in verify(made, image) if f.check in ("start", "handler")] == []
