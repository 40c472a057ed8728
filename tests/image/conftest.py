"""Images for tests: that of raw-to-curated, and bad ones made from it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fleet.catalogue import Catalogue, load
from fleet.images import build, engine
from fleet.images.build import Image
from fleet.paths import CATALOGUE, ROOT

FUNCTION = {
    "folder": "tests/none",
    "description": "A function that tests make",
    "handler": "subject.lambda_handler",
    "architecture": engine.machine(),
    "memory_mb": 1024,
    "timeout_s": 20,
    "budgets": {"image_mb": 1000, "init_ms": 8000},
}
# The functions of the tests of the local cloud.
CLOUD_FUNCTIONS = ROOT / "tests/e2e/functions"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load(CATALOGUE)


@pytest.fixture(scope="session")
def built_image(catalogue: Catalogue) -> Image:
    """The image of raw-to-curated for this machine."""
    [image] = build.images_of(catalogue, ["raw-to-curated"], ROOT, engine.machine())
    build.build([image], ROOT)
    return image


@pytest.fixture
def make_image(built_image: Image, tmp_path: Path) -> Callable[..., tuple[Catalogue, Image]]:
    """Build an image with `handler` as subject.py; limits of its function may be given."""

    def make(
        handler: str, others: Mapping[str, str] | None = None, **limits: object
    ) -> tuple[Catalogue, Image]:
        modules = {"subject.py": handler, **(others or {})}
        for name, text in modules.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "Dockerfile").write_text(
            f"FROM {built_image.reference}\nCOPY {' '.join(modules)} /var/task/\n"
            'CMD ["subject.lambda_handler"]\n'
        )
        image_id = engine.docker("build", "--quiet", str(tmp_path)).strip()
        function = FUNCTION | limits
        made = Catalogue.model_validate({"project": "test", "functions": {"bad": function}})
        return made, Image("bad", "Dockerfile", engine.machine(), {}, image_id, image_id)

    return make


@pytest.fixture
def keeper(make_image: Callable[..., tuple[Catalogue, Image]]) -> tuple[Catalogue, Image]:
    """An image of `keeper`, which uses tables, a secret, a parameter and a function."""
    content = yaml.safe_load((CLOUD_FUNCTIONS / "functions.yaml").read_text())
    limits = {key: FUNCTION[key] for key in ("handler", "memory_mb", "timeout_s", "budgets")}
    content["functions"]["keeper"] |= limits
    _, image = make_image((CLOUD_FUNCTIONS / "keeper/src/handler.py").read_text())
    return Catalogue.model_validate(content), replace(image, name="keeper")
