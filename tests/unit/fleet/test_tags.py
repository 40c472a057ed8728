"""A tag changes with what goes into the image, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from fleet.images import dockerfile
from fleet.images.tags import IGNORED, content_tag
from fleet.paths import ROOT

DOCKERFILE = """\
FROM scratch
COPY shared.txt \\
     lock.txt ./
COPY --from=build /layers/ /
COPY src/ /src/
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "src/__pycache__").mkdir(parents=True)
    for name in ("shared.txt", "lock.txt", "other.txt", "src/handler.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


def tag(context: Path, architecture: str = "x86_64", **arguments: str) -> str:
    return content_tag(context, "Dockerfile", arguments, architecture)


@pytest.mark.parametrize("name", ["shared.txt", "lock.txt", "src/handler.py", "Dockerfile"])
def test_changes_with_content(context, name):
    before = tag(context)
    (context / name).write_text(DOCKERFILE + "# changed")

    assert tag(context) != before


def test_changes_with_names_modes_arguments_and_architecture(context):
    tags = [tag(context), tag(context, "arm64"), tag(context, PYTHON_IMAGE="other")]
    (context / "src/handler.py").chmod(0o755)
    tags.append(tag(context))
    (context / "src/handler.py").rename(context / "src/main.py")
    tags.append(tag(context))

    assert len(set(tags)) == 5


def test_does_not_change_with_what_stays_outside(context):
    before = tag(context)
    (context / "other.txt").write_text("changed")
    (context / "src/__pycache__/handler.pyc").write_text("new")
    (context / "src/.editor").write_text("new")
    (context / "shared.txt").touch()

    assert tag(context) == before


def test_what_is_ignored_never_reaches_a_build():
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert tuple(lines[-len(IGNORED) :]) == IGNORED


def test_an_edit_of_a_library_changes_only_images_that_name_it(tmp_path):
    for name, lib in (("reader", "datalake"), ("judge", "modelkit"), ("guard", "")):
        named = f"../libs/{lib}\n" if lib else ""
        (tmp_path / f"{name}/src").mkdir(parents=True)
        (tmp_path / f"{name}/requirements.txt").write_text("")
        (tmp_path / f"{name}/Dockerfile").write_text(
            dockerfile.render(name, "handler.run", f"-r ../images/client.in\n{named}")
        )
    shutil.copytree(ROOT / "images", tmp_path / "images")
    for lib in ("datalake", "modelkit"):
        (tmp_path / f"libs/{lib}").mkdir(parents=True)
        (tmp_path / f"libs/{lib}/pyproject.toml").write_text("")

    def tags() -> list[str]:
        return [
            content_tag(tmp_path, f"{name}/Dockerfile", {}, "x86_64")
            for name in ("reader", "judge", "guard")
        ]

    before = tags()
    (tmp_path / "libs/datalake/contracts.py").write_text("VERSION = 2\n")
    after = tags()

    assert [old != new for old, new in zip(before, after, strict=True)] == [True, False, False]
