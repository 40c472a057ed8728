"""Zip packages, for functions that Lambda runs without an image.

A package holds the locked packages and the sources of the function's image, as the image's build
installed and compiled them. So both run the same files, and the packed files are those that passed
verify and smoke.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.build import Image
from fleet.images.checks import PACKAGES, TASK_ROOT

# Of Lambda's managed Python that functions run on, unless the environment names another.
RUNTIME = "python3.13"
# "Deployment package (.zip file archive) size", unzipped, in "Lambda quotas". The 50 MB there are
# for direct uploads; packages go through S3.
UNPACKED_BYTES = 250 * 1024 * 1024
# The managed runtime brings its own client, which another one must not shadow.
PROVIDED = "awslambdaric"
# The oldest time that a zip can name.
EPOCH = (1980, 1, 1, 0, 0, 0)
BYTECODE = re.compile(r"\.cpython-(\d)(\d+)\.pyc$")


def build(image: Image, runtime: str, target: Path) -> str:
    """Write the package of a built image to `target`; return its SHA-256 in hexadecimal.

    Equal images give equal bytes. Raises FleetError if Lambda would refuse the package, or if the
    image is made for another Python than `runtime`, such as python3.13.
    """
    with tempfile.TemporaryDirectory(prefix="fleet-package-") as scratch:
        packages, sources = _copy(image, Path(scratch))
        _remove_provided(packages)
        files = _merged(image.name, packages, sources)
        _check_runtime(image.name, files, runtime)
        _check_size(image.name, files)
        write(files, target)
    with target.open("rb") as package:
        return hashlib.file_digest(package, "sha256").hexdigest()


def write(files: dict[str, Path], target: Path) -> None:
    """Write a zip of `files` by their names in it: sorted, with fixed times and modes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that modes count
            executable = files[name].stat().st_mode & 0o100
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            with files[name].open("rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed)


def _copy(image: Image, scratch: Path) -> tuple[Path, Path]:
    """Copy the packages and the sources out of an image, without running it."""
    platform = engine.PLATFORMS[image.architecture]
    container = engine.docker("create", "--platform", platform, image.reference).strip()
    copies = scratch / "packages", scratch / "sources"
    try:
        for path, copy in zip((PACKAGES, TASK_ROOT), copies, strict=True):
            engine.docker("cp", f"{container}:{path}", str(copy))
    finally:
        engine.succeeds("rm", "--force", container)
    return copies


def _remove_provided(packages: Path) -> None:
    """Remove what the runtime client installed."""
    for record in packages.glob(f"{PROVIDED}-*.dist-info/RECORD"):
        names = {line.split(",")[0].split("/")[0] for line in record.read_text().splitlines()}
        for name in names - {".."}:
            path = packages / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _merged(function: str, packages: Path, sources: Path) -> dict[str, Path]:
    """All files in one folder, by their names there; in the image they are in two."""
    clashes = _top(packages) & _top(sources)
    if clashes:
        raise FleetError(
            f"{function}: {', '.join(sorted(clashes))} is both in its sources and in a package, "
            "which a zip keeps in one folder: rename it in the sources"
        )
    return {
        path.relative_to(folder).as_posix(): path
        for folder in (packages, sources)
        for path in _files(folder)
    }


def _top(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"__pycache__"}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _check_runtime(function: str, files: dict[str, Path], runtime: str) -> None:
    made_for = {f"python{match[1]}.{match[2]}" for f in files if (match := BYTECODE.search(f))}
    if made_for != {runtime}:
        raise FleetError(
            f"{function}: the image holds {', '.join(sorted(made_for)) or 'no bytecode'}, and the "
            f"zip function would run {runtime}: set zip_runtime in terraform/environments, or "
            "PYTHON_IMAGE, so that both name the same Python"
        )


def _check_size(function: str, files: dict[str, Path]) -> None:
    size = sum(path.stat().st_size for path in files.values())
    if size > UNPACKED_BYTES:
        raise FleetError(
            f"{function} has {size:,} bytes unpacked, Lambda takes {UNPACKED_BYTES:,} as a zip "
            "package (250 MB), and 10 GB as an image: use package_type: image"
        )
