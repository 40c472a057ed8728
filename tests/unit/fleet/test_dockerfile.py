"""A Dockerfile follows from the requirements of its function."""

import re

import pytest

import layers
from fleet.catalogue import load
from fleet.images import dockerfile
from fleet.paths import CATALOGUE, IMAGES, ROOT

FOLDERS = sorted({str(f.folder) for f in load(CATALOGUE).functions.values() if f.folder})
LEAST = "-r ../images/client.in\n"
MOST = """\
-r ../../images/learning.in  # in any order
-r ../../images/frames.in
-r ../../images/client.in
../../libs/modelkit  # artefacts
../../libs/datalake
statsmodels
"""


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_function_has_the_dockerfile_of_its_requirements(folder: str) -> None:
    requirements = (ROOT / folder / "requirements.in").read_text()
    text = (ROOT / folder / "Dockerfile").read_text()
    [handler] = re.findall(r'CMD \["(.*)"\]', text)

    assert text == dockerfile.render(folder, handler, requirements)


def test_layers_are_in_the_order_of_the_list() -> None:
    text = dockerfile.render("chat", "handler.lambda_handler", MOST)

    assert dockerfile.LAYER.findall(text) == [
        "base", "client", "frames", "learning", "requirements", "code"
    ]  # fmt: skip
    assert re.findall(r"install\.py (?:packages )?(\w+)$", text, re.MULTILINE) == [
        "uv", "base", "client", "frames", "learning", "requirements", "code"
    ]  # fmt: skip
    assert re.findall(r"(?m)^COPY (libs/\S+) ", text) == ["libs/datalake/", "libs/modelkit/"]
    assert "COPY chat/src/ src/" in text
    assert 'CMD ["handler.lambda_handler"]' in text
    assert "@" not in text.replace("@sha256", "")


def test_all_but_base_and_client_may_be_left_out() -> None:
    text = dockerfile.render("chat", "handler.lambda_handler", LEAST)

    assert dockerfile.LAYER.findall(text) == ["base", "client", "requirements", "code"]
    assert "COPY libs/" not in text
    assert "runtime" not in text
    assert list(dockerfile.problems(text, LEAST)) == []


def test_images_begin_with_the_same_steps() -> None:
    """What is before the first difference gives layers that images share."""
    runtime = f"{LEAST}-r ../images/runtime.in\n"
    more = dockerfile.render("b", "x.y", f"{runtime}-r ../images/frames.in\n")
    less = dockerfile.render("a", "x.y", runtime)

    assert more.startswith(less.partition("COPY a/")[0])


@pytest.mark.parametrize(
    ("changes", "requirements", "problem"),
    [
        ({}, "boto3\n", "does not name images/client.in, which every image needs"),
        ({}, LEAST, "its layers are base, client, frames, learning, requirements, code; expected:"),
        (
            {"/layers/frames/": "/layers/f/"},
            MOST,
            "f, learning, requirements, code; expected: base",
        ),
        ({"COPY libs/modelkit/": "COPY libs/"}, MOST, "requirements.in names datalake, modelkit"),
        ({"COPY libs/modelkit/ libs/modelkit/\n": ""}, MOST, "it copies datalake of libs/"),
    ],
)
def test_what_differs_from_the_requirements_is_named(
    changes: dict[str, str], requirements: str, problem: str
) -> None:
    text = dockerfile.render("chat", "handler.lambda_handler", MOST)
    for old, new in changes.items():
        text = text.replace(old, new)

    assert problem in " ".join(dockerfile.problems(text, requirements))


def test_every_shared_layer_has_requirements() -> None:
    named = {path.stem for path in IMAGES.glob("*.in")}

    assert named - {"rie", "uv"} == set(layers.SHARED)
