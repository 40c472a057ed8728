"""Build steps that every function's Dockerfile runs; each writes one directory under /layers.

    install.py uv                      uv itself, from the package index, by hash
    install.py base                    the base image's files, less what a function never runs
    install.py client                  emulator, entry point, runtime interface client
    install.py packages NAME           the locked requirements of /build/NAME.txt that no earlier
                                       layer holds
    install.py code                    the packages of libs/ that it names, and its own sources

The steps run on the build machine's architecture and install for TARGETARCH, so nothing is
emulated. All bytecode is compiled here with hashes that are never checked again: nothing is
compiled when a function starts, on a read-only file system least of all.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import stat
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import layers
import lockfile

BUILD = Path("/build")
LAYERS = Path("/layers")
UV = Path("/uv/bin/uv")
PACKAGES = "opt/python"
TASK_ROOT = "var/task"
# What TARGETARCH says, what uv says, and what the emulator's file is called.
PLATFORMS = {"amd64": "x86_64", "arm64": "aarch64"}
EMULATORS = {"amd64": "aws-lambda-rie-x86_64", "arm64": "aws-lambda-rie-arm64"}
# The oldest glibc that locked wheels may need; Debian 12 and later satisfy it.
MANYLINUX = "manylinux_2_28"
# A fixed time for every file, so that equal content gives equal layers.
EPOCH = 946_684_800

# Never run by a function, in any layout of a Debian-based Python image.
PRUNE = [
    "usr/share/doc",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/perl5",
    "usr/share/python-wheels",
    "usr/local/share/man",
    "usr/lib/apt",
    "usr/lib/dpkg",
    "usr/lib/*/perl-base",
    "usr/lib/*/perl",
    "usr/bin/apt*",
    "usr/bin/deb*",
    "usr/bin/dpkg*",
    "usr/bin/perl*",
    "usr/bin/pip*",
    "usr/local/bin/pip*",
    "usr/local/bin/idle*",
    "usr/**/python3*/ensurepip",
    "usr/**/python3*/idlelib",
    "usr/**/python3*/lib2to3",
    "usr/**/python3*/tkinter",
    "usr/**/python3*/turtledemo",
    "usr/**/python3*/test",
    "usr/**/*-packages/pip",
    "usr/**/*-packages/pip-*",
    "usr/**/*-packages/setuptools*",
    "usr/**/*-packages/wheel*",
    "etc/apt",
    "etc/shadow*",
    "etc/gshadow*",
    "etc/.pwd.lock",
    "etc/security/opasswd",
    "root/.??*",
    "var/cache/*",
    "var/lib/apt",
    "var/lib/dpkg/info",
    "var/log/*",
    "tmp/*",
]


def main(step: str, *arguments: str) -> None:
    """Run one step; see the module's docstring."""
    trust = Path("/run/secrets/ca")
    if trust.exists():
        os.environ["SSL_CERT_FILE"] = os.environ["PIP_CERT"] = str(trust)
    steps: dict[str, Callable[..., None]] = {
        "uv": uv,
        "base": base,
        "client": client,
        "packages": packages,
        "code": code,
    }
    steps[step](*arguments)


def uv() -> None:
    """Install uv in an environment of its own."""
    venv.create(UV.parents[1], with_pip=True)
    run(UV.parent / "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps",
        "--require-hashes", "--requirement", BUILD / "uv.txt")  # fmt: skip


def base() -> None:
    """Copy the target's base image, mounted at /base, without what no function needs."""
    source, layer = Path("/base"), LAYERS / "base"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = [f for f in (source / "usr").glob("**/os.py") if f.parent.name == version]
    if not libraries:
        sys.exit(f"install.py: the base image has no {version}, which the build image runs")
    shutil.copytree(source, layer, symlinks=True, ignore=_neither_special_nor_compiled)
    for pattern in PRUNE:
        for path in layer.glob(pattern):
            remove(path)
    for library in libraries:
        compile_bytecode(layer, library.parent.relative_to(source))
    finish(layer)


def client() -> None:
    """Install what Lambda needs of every image: emulator, entry point, runtime client."""
    layer = LAYERS / layers.CLIENT
    wheel = Path("/tmp/rie")
    uv_install((BUILD / "rie.txt").read_text(), wheel)
    emulator = layer / "usr/local/bin/aws-lambda-rie"
    emulator.parent.mkdir(parents=True)
    shutil.copy(wheel / "samcli/local/rapid" / EMULATORS[os.environ["TARGETARCH"]], emulator)
    shutil.copy(BUILD / "lambda-entrypoint.sh", layer)
    packages(layers.CLIENT)


def packages(name: str) -> None:
    """Install what /build/`name`.txt locks and no earlier layer holds."""
    lock = BUILD / f"{name}.txt"
    before = layers.ORDER[: layers.ORDER.index(name)]
    earlier = [path.read_text() for n in before if (path := BUILD / f"{n}.txt").exists()]
    layer = LAYERS / name
    layer.mkdir(parents=True, exist_ok=True)
    wanted = lockfile.without(lock.read_text(), *earlier)
    if wanted:
        uv_install(wanted, layer / PACKAGES)
        compile_bytecode(layer, Path(PACKAGES))
    finish(layer)


def code() -> None:
    """Install the packages of libs/ that were copied, and the function's sources."""
    layer = LAYERS / "code"
    if libs := sorted((BUILD / "libs").glob("*")):
        run(UV, "pip", "install", "--quiet", "--no-deps", "--no-config",
            "--target", layer / PACKAGES, *libs)  # fmt: skip
        compile_bytecode(layer, Path(PACKAGES))
    shutil.copytree(BUILD / "src", layer / TASK_ROOT)
    compile_bytecode(layer, Path(TASK_ROOT))
    finish(layer)


def uv_install(lock: str, target: Path) -> None:
    """Install exactly `lock`, wheels only, for the target's platform."""
    requirements = Path("/tmp/requirements.txt")
    requirements.write_text(lock)
    platform = f"{PLATFORMS[os.environ['TARGETARCH']]}-{MANYLINUX}"
    run(UV, "pip", "install", "--quiet", "--no-config", "--no-deps", "--require-hashes",
        "--only-binary", ":all:", "--python-platform", platform, "--link-mode", "copy",
        "--target", target, "--requirement", requirements)  # fmt: skip


def run(*command: str | Path) -> None:
    """Run a command; its own message is the error."""
    if code := subprocess.run([str(part) for part in command], check=False).returncode:
        sys.exit(code)


def compile_bytecode(layer: Path, directory: Path) -> None:
    """Compile for the place where `directory` will be in the image."""
    shutil.rmtree(layer / directory / "bin", ignore_errors=True)
    for name in ("test", "tests", "conftest.py"):
        for path in list((layer / directory).glob(f"**/{name}")):
            remove(path)
    compileall.compile_dir(
        str(layer / directory),
        quiet=2,
        stripdir=str(layer),
        prependdir="/",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def finish(layer: Path) -> None:
    """Let any user read every file, set no user ID, and fix all times."""
    for path in [layer, *walk(layer)]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            execute = 0o111 if mode & stat.S_IXUSR or path.is_dir() else 0
            path.chmod((mode & 0o1777 | 0o444 | execute) & ~0o022 | _sticky_write(mode))
        os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)


def _sticky_write(mode: int) -> int:
    """/tmp and its like stay writable by all."""
    return 0o022 if mode & stat.S_ISVTX else 0


def _neither_special_nor_compiled(directory: str, names: list[str]) -> list[str]:
    """Files not to copy: special files such as device nodes, and bytecode, which is recompiled."""
    return [
        name
        for name in names
        if name == "__pycache__"
        or not any(
            kind(Path(directory, name).lstat().st_mode)
            for kind in (stat.S_ISREG, stat.S_ISLNK, stat.S_ISDIR)
        )
    ]


def walk(directory: Path) -> Iterator[Path]:
    """Every path below `directory`, links not followed."""
    for parent, directories, files in os.walk(directory):
        for child in (*directories, *files):
            yield Path(parent, child)


def remove(path: Path) -> None:
    """Remove a file, a link or a tree."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.is_symlink() or path.exists():
        path.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
