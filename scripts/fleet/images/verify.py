"""Verifies an image: the checks on its files, its lock, and the import of its handlers."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import lockfile
from fleet import libs
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import archive, checks, dockerfile, engine, sandbox
from fleet.images.build import Image
from fleet.images.checks import Finding
from fleet.locks import Lock, problems
from fleet.paths import ROOT

IMPORT_TIMEOUT_S = 60
# An emulated processor is many times slower.
EMULATED_IMPORT_TIMEOUT_S = 600


def verify(catalogue: Catalogue, image: Image) -> list[Finding]:
    """Everything wrong with a built image; empty if it may be pushed.

    Raises FleetError if the image is not built. Where its architecture does not run here, no
    handler is imported; `imported_here` tells.
    """
    engine.require()
    if not engine.image_exists(image.reference):
        raise FleetError(
            f"{image.name} is not built for {image.architecture} from these sources; "
            f"run: make build FUNCTION={image.name}"
        )
    functions = catalogue.functions_of(image.name)
    lock = Lock(ROOT / catalogue.folder_of(image.name) / "requirements.in")
    found = [Finding("lock", problem, "run `make lock`") for problem in problems(lock)]
    found += _dockerfile(lock.source)
    locked = lock.path.read_text() if lock.path.exists() else ""
    names = {lockfile.name(line) for line in lockfile.blocks(locked)}
    names |= {library.name for library in libs.named_in(lock.source)}
    with tempfile.TemporaryDirectory(prefix="fleet-verify-") as directory:
        saved = Path(directory, "image.tar")
        engine.docker("image", "save", "--output", str(saved), image.reference)
        subject = checks.Subject(
            catalogue.functions[image.name],
            image.architecture,
            archive.read(saved),
            frozenset(names),
            snapstart=any(catalogue.functions[name].snapstart for name in functions),
        )
    found += checks.run_all(subject)
    if imported_here(image):
        for name in functions:
            found += _handler_import(catalogue, image, name)
    return found


def _dockerfile(requirements: Path) -> list[Finding]:
    """The Dockerfile has the layers, in their order, and the libs that the requirements name."""
    text = requirements.with_name("Dockerfile").read_text()
    remedy = "list the layers in the order of images/layers.py, and one COPY for each of the libs"
    return [
        Finding("dockerfile", problem, remedy)
        for problem in dockerfile.problems(text, requirements.read_text())
    ]


def imported_here(image: Image) -> bool:
    """Whether this machine can run the image at all."""
    return engine.runs(image.architecture)


def _handler_import(catalogue: Catalogue, image: Image, name: str) -> list[Finding]:
    """Import a handler as an arbitrary user, on a read-only root, without a network."""
    function = catalogue.functions[name]
    module, attribute = function.handler.split(".")
    environment = sandbox.environment(catalogue, name, "verify")
    is_native = image.architecture == engine.machine()
    limit_s = IMPORT_TIMEOUT_S if is_native else EMULATED_IMPORT_TIMEOUT_S
    program = f"import {module}; callable({module}.{attribute}) or exit('not callable')"
    try:
        engine.docker(
            "run", "--rm", "--platform", engine.PLATFORMS[image.architecture],
            *sandbox.options(function, "none", environment, engine.cpus()),
            "--entrypoint", "python3", image.reference, "-c", program,
            timeout=limit_s,
        )  # fmt: skip
    except FleetError as error:
        last = re.sub(r"^.*?\n", "", str(error)).strip().splitlines()
        return [
            Finding(
                "handler",
                f"{function.handler} cannot be imported: {last[-1] if last else error}",
                "import it as Lambda does; a missing package belongs in requirements.in",
            )
        ]
    except subprocess.TimeoutExpired:
        return [
            Finding(
                "handler",
                f"importing {function.handler} took over {limit_s} s",
                "do no work at import; Lambda stops initialisation after 10 s",
            )
        ]
    return []
