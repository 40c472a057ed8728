"""Conditions for a push of an image; each check yields problems with their remedy."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fleet.catalogue import Function
from fleet.images.archive import INDEX_TYPES, File, SavedImage

ENTRY_POINT = ["/lambda-entrypoint.sh"]
TASK_ROOT = "/var/task"
PACKAGES = "/opt/python"
# Debian's files and hash-locked wheels, whose examples hold keys that open nothing.
PUBLIC = ("/usr/", "/lib", "/etc/ssl/", f"{PACKAGES}/")
SNAPSTART_LABEL = "com.amazonaws.lambda.feature.snapstart"
ELF_MACHINES = {"x86_64": 62, "arm64": 183}
OCI_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
COMPILERS = {"gcc", "g++", "cc", "c++", "cpp", "ld", "as", "make", "rustc", "cargo", "go", "clang"}
INSTALLERS = {"pip", "setuptools", "wheel", "ensurepip"}
SECRET_FILES = re.compile(
    r"(^|/)(\.env(\..+)?|\.netrc|\.pypirc|\.npmrc|\.git|\.aws|\.ssh|\.docker|id_(rsa|ed25519|ecdsa)"
    r"|.*\.(tfstate|tfvars|p12|pfx|keystore))$"
)
SECRET_TEXTS = {
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "an AWS access key": re.compile(rb"\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b"),
    "a token": re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[A-Za-z0-9-]{20,}|pypi-AgE)"),
}
SECRET_NAMES = re.compile(r"(?i)(secret|passw|token|api_?key|credential|private)")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one image."""

    check: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Subject:
    """An image beside what the catalogue and the lock say it must be."""

    function: Function
    """The owner of the image."""
    architecture: str
    image: SavedImage
    locked: frozenset[str] = field(default_factory=frozenset)
    """Normalised names of the packages that may be inside."""
    snapstart: bool = False
    """Whether a function of the image uses SnapStart."""


Check = Callable[[Subject], Iterator[tuple[str, str]]]


def run_all(subject: Subject) -> list[Finding]:
    """Run every check; an empty list means that the image may be pushed."""
    return [
        Finding(name, message, remedy)
        for name, check in CHECKS.items()
        for message, remedy in check(subject)
    ]


def manifest(subject: Subject) -> Iterator[tuple[str, str]]:
    """Lambda takes one image manifest; an index or an attestation is refused."""
    found = subject.image.descriptors
    if len(found) != 1 or any(d.get("mediaType") in INDEX_TYPES for d in found):
        yield (
            f"{len(found)} manifests or an index instead of one image manifest",
            "build one platform with --provenance=false --sbom=false, as `make build` does",
        )


def architecture(subject: Subject) -> Iterator[tuple[str, str]]:
    """The manifest and every compiled file are for the catalogued architecture."""
    remedy = "build with `make build`; wheels are chosen by TARGETARCH in images/install.py"
    stated = subject.image.config.get("architecture")
    if stated != OCI_ARCHITECTURES[subject.architecture]:
        yield f"built for {stated}, catalogued as {subject.architecture}", remedy
    wrong = [
        file.path
        for file in subject.image.files.values()
        if file.head[:4] == b"\x7fELF"
        and struct.unpack_from("<H", file.head, 18)[0] != ELF_MACHINES[subject.architecture]
    ]
    if wrong:
        yield f"compiled for another architecture: {_some(wrong)}", remedy


def start(subject: Subject) -> Iterator[tuple[str, str]]:
    """Entry point, command, working directory and label are as catalogued."""
    config = subject.image.config.get("config", {})
    expected = {
        "ENTRYPOINT": (config.get("Entrypoint"), ENTRY_POINT),
        "CMD": (config.get("Cmd"), [subject.function.handler]),
        "WORKDIR": (config.get("WorkingDir"), TASK_ROOT),
    }
    for instruction, (found, wanted) in expected.items():
        if found != wanted:
            yield (
                f"{instruction} is {found}, expected {wanted}",
                f"correct {instruction} in the Dockerfile, or the handler in functions.yaml",
            )
    label = (config.get("Labels") or {}).get(SNAPSTART_LABEL)
    if subject.snapstart and label != "Allow":
        yield (
            "SnapStart is on, but the image does not allow it",
            (f'add LABEL {SNAPSTART_LABEL}="Allow" to the Dockerfile'),
        )


def readable(subject: Subject) -> Iterator[tuple[str, str]]:
    """Lambda runs as an arbitrary user: everyone must be able to read, nobody but root to write."""
    unreadable, writable = [], []
    for file in subject.image.files.values():
        if file.link is not None:
            continue
        needed = 0o555 if file.is_directory else 0o444
        if file.mode & needed != needed:
            unreadable.append(file.path)
        if file.mode & 0o002 and not file.mode & 0o1000:
            writable.append(file.path)
    if unreadable:
        yield (
            f"not readable by every user: {_some(unreadable)}",
            ("set modes 0644 and 0755; `finish` in images/install.py does for what it installs"),
        )
    if writable:
        yield f"writable by every user: {_some(writable)}", "remove the write permission"


def bytecode(subject: Subject) -> Iterator[tuple[str, str]]:
    """Sources are compiled, with hashes that are not checked at start (PEP 552)."""
    files = subject.image.files
    compiled = {p: f for p, f in files.items() if p.endswith(".pyc") and "/__pycache__/" in p}
    places = {(str(PurePosixPath(p).parent.parent), PurePosixPath(p).name.split(".")[0])
              for p in compiled}  # fmt: skip
    missing = [
        path
        for path in files
        if path.startswith(f"{TASK_ROOT}/")
        and path.endswith(".py")
        and (str(PurePosixPath(path).parent), PurePosixPath(path).stem) not in places
    ]
    if missing:
        yield f"not compiled: {_some(missing)}", "let images/install.py install the sources"
    rechecked = [
        p for p, f in compiled.items() if f.head and struct.unpack_from("<I", f.head, 4)[0] != 1
    ]
    if rechecked:
        yield (
            f"bytecode that Python checks again at every start: {_some(rechecked)}",
            ("compile with unchecked hashes, as images/install.py does"),
        )


def contents(subject: Subject) -> Iterator[tuple[str, str]]:
    """Nothing that only building and testing need."""
    files = subject.image.files
    programs = {
        p for p, f in files.items()
        if re.fullmatch(r"(/usr)?(/local)?/s?bin/[^/]+", p) and not f.is_directory
    }  # fmt: skip
    compilers = [p for p in programs if _program(p) in COMPILERS]
    if compilers:
        yield (
            f"compilers inside: {_some(compilers)}",
            ("compile in the build stage; the final stage has only COPY"),
        )
    installers = [
        p
        for p in files
        if re.search(r"/(site-packages|dist-packages|python[\d.]*)/[^/]+$", p)
        and PurePosixPath(p).name in INSTALLERS
    ] + [p for p in programs if re.fullmatch(r"pip[\d.]*", _program(p))]
    if installers:
        yield (
            f"installers inside: {_some(installers)}",
            ("add them to PRUNE in images/install.py, or drop them from requirements.in"),
        )
    # scipy/stats/_bws_test.py is not a test, so names of dependencies' modules say less than ours.
    tests = [
        p
        for p, f in files.items()
        if p.startswith((PACKAGES, TASK_ROOT))
        and (
            (f.is_directory and PurePosixPath(p).name in {"test", "tests"})
            or PurePosixPath(p).name == "conftest.py"
            or (p.startswith(TASK_ROOT) and re.search(r"/(test_[^/]+|[^/]+_test)\.py$", p))
        )
    ]
    if tests:
        yield f"tests inside: {_some(tests)}", "keep tests out of src/; see images/install.py"
    unlocked = sorted(_installed(files) - subject.locked)
    if unlocked:
        yield (
            f"packages that the lock does not name: {_some(unlocked)}",
            ("add them to requirements.in and run `make lock`, or do not install them"),
        )


def secrets(subject: Subject) -> Iterator[tuple[str, str]]:
    """No credentials in files, in the environment or in the build's history."""
    remedy = "remove it, revoke it, and read it at run time from Secrets Manager or SSM"
    named = [p for p in subject.image.files if SECRET_FILES.search(p)]
    if named:
        yield f"files that hold secrets: {_some(named)}", remedy
    for what, pattern in SECRET_TEXTS.items():
        found = [
            p
            for p, f in subject.image.files.items()
            if not p.startswith(PUBLIC) and pattern.search(f.head)
        ]
        if found:
            yield f"{what} in {_some(found)}", remedy
    config = subject.image.config
    for variable in config.get("config", {}).get("Env") or []:
        key, _, value = variable.partition("=")
        if value and SECRET_NAMES.search(key):
            yield f"ENV {key} looks like a secret", remedy
    for step in config.get("history", []):
        created_by = step.get("created_by", "").encode()
        if any(pattern.search(created_by) for pattern in SECRET_TEXTS.values()):
            yield "a secret in the build's history", remedy


def size(subject: Subject) -> Iterator[tuple[str, str]]:
    """The image stays within its budget."""
    megabytes = subject.image.size / 1e6
    budget = subject.function.budgets.image_mb
    if budget is not None and megabytes > budget:
        yield (
            f"{megabytes:.0f} MB, over its budget of {budget} MB",
            (
                "remove unneeded packages and files (docker history shows the layers), "
                "or raise budgets.image_mb in functions.yaml and say why"
            ),
        )


CHECKS: dict[str, Check] = {
    "manifest": manifest,
    "architecture": architecture,
    "start": start,
    "readable": readable,
    "bytecode": bytecode,
    "contents": contents,
    "secrets": secrets,
    "size": size,
}


def _installed(files: dict[str, File]) -> set[str]:
    """Normalised names of the distributions in the image's package directory."""
    pattern = re.compile(rf"^{PACKAGES}/([^/]+?)-[^/-]+\.dist-info/METADATA$")
    found = (pattern.match(path) for path in files)
    return {re.sub(r"[-_.]+", "-", m[1]).lower() for m in found if m}


def _program(path: str) -> str:
    """`/usr/bin/x86_64-linux-gnu-gcc-14` is gcc."""
    name = PurePosixPath(path).name
    return re.sub(r"^.*-linux-gnu-|-\d+$", "", name)


def _some(items: list[str]) -> str:
    """The first three, and how many more."""
    shown = ", ".join(sorted(items)[:3])
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"
