"""The Dockerfile of a function: it follows from folder, handler and requirements.in.

Only identical steps with identical inputs give identical layers, which images then share. So every
Dockerfile has the shared layers that its requirements name, in the order of images/layers.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import layers

LAYER = re.compile(r"(?m)^COPY --from=build /layers/([^/\s]+)/ /$")
LIB = re.compile(r"(?m)^COPY libs/(\S*?)/? ")


def render(folder: str, handler: str, requirements: str) -> str:
    """The Dockerfile of the function in `folder`, whose requirements.in has this text."""
    steps = [
        f"COPY images/{name}.txt ./\n"
        f"RUN --mount=type=secret,id=ca python3 install.py packages {name}\n"
        for name in shared_layers(requirements)
        if name != layers.CLIENT
    ]
    values = {
        "@SHARED@\n": "".join(steps),
        "@LIBS@\n": "".join(f"COPY libs/{name}/ libs/{name}/\n" for name in libs(requirements)),
        "@LAYERS@\n": "".join(
            f"COPY --from=build /layers/{name}/ /\n" for name in all_layers(requirements)
        ),
        "@FOLDER@": folder,
        "@HANDLER@": handler,
    }
    text = files("fleet").joinpath("templates/Dockerfile.template").read_text(encoding="utf-8")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def problems(dockerfile: str, requirements: str) -> Iterator[str]:
    """Yield where the layers and libs of a Dockerfile differ from those of a requirements.in."""
    if layers.CLIENT not in shared_layers(requirements):
        yield f"requirements.in does not name images/{layers.CLIENT}.in, which every image needs"
        return
    found, expected = LAYER.findall(dockerfile), all_layers(requirements)
    if found != expected:
        yield f"its layers are {', '.join(found)}; expected: {', '.join(expected)}"
    found, expected = sorted(LIB.findall(dockerfile)), libs(requirements)
    if found != expected:
        yield f"it copies {_named(found)} of libs/; requirements.in names {_named(expected)}"


def all_layers(requirements: str) -> list[str]:
    """Every layer of the image, in order."""
    named = {"base", *shared_layers(requirements), "requirements", "code"}
    return [name for name in layers.ORDER if name in named]


def shared_layers(requirements: str) -> list[str]:
    """The shared layers that a requirements.in names, in order."""
    named = re.findall(r"(?m)^-r\s+\S*/images/(\w+)\.in\b", requirements)
    return [name for name in layers.SHARED if name in named]


def libs(requirements: str) -> list[str]:
    """The folders of `libs/` that a requirements.in names, sorted."""
    return sorted(re.findall(r"(?m)^\.\S*/libs/(\w+)", requirements))


def _named(names: list[str]) -> str:
    return ", ".join(names) or "none"
