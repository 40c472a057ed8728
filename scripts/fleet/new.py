"""`make new`: a function that works, to be replaced piece by piece.

Everything of a kind lies in `templates/<kind>/`: `folder/` and `tests/` are copied, and
`functions.yaml.template` has the catalogue entries. Files that end in `.template`, and all paths,
have placeholders filled in.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from fleet import locks, openapi, readme
from fleet.catalogue import Catalogue, load
from fleet.errors import FleetError
from fleet.images import dockerfile
from fleet.paths import CATALOGUE, CONSTRAINTS, ROOT
from fleet.undo import Changes, undone_on_failure

TEMPLATES = Path(__file__).with_name("templates")
GROUPS = {"pipeline": "lambda-functions", "api": "ai-systems", "ai": "ai-systems"}
"""The kinds, and where the functions of each lie unless a folder is named."""
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FOLDER = re.compile(r"[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?")
_SUFFIX = ".template"


def create(catalogue: Catalogue, name: str, kind: str, folder: str = "") -> list[Path]:
    """Write and lock a new function; return the files that are new or changed.

    `folder` is relative to the checkout. Raises FleetError with nothing changed if a name is
    unusable or taken, or the requirements cannot be locked; nor does an interrupt change anything.
    """
    with undone_on_failure() as changes:
        write(changes, catalogue, name, kind, folder)
        tidy(changes.paths)
        grown = load(CATALOGUE)
        folder = grown.folder_of(name)
        own = [lock for lock in locks.all_locks(grown) if lock.path.is_relative_to(ROOT / folder)]
        for path in (CONSTRAINTS, readme.README, *(lock.path for lock in own)):
            changes.remember(path)
        locks.compile_all(grown, upgrade=False, only=own)
        for function in set(openapi.with_routes(grown)) & set(grown.functions_of(name)):
            changes.remember(openapi.path(grown, function))
            openapi.write(grown, [function])
        readme.write(grown)
        return changes.paths


def write(
    changes: Changes,
    catalogue: Catalogue,
    name: str,
    kind: str,
    folder: str = "",
    root: Path = ROOT,
    file: Path = CATALOGUE,
) -> None:
    """Write folder, tests and catalogue entries. Raises FleetError."""
    _check(catalogue, name, kind, folder)
    package = name.replace("-", "_")
    folder = folder or f"{GROUPS[kind]}/{name}"
    tests = f"tests/unit/{package}"
    for taken in (folder, tests):
        if (root / taken).exists():
            raise FleetError(f"{taken} exists already; choose another NAME or FOLDER")
    values = {
        "@NAME@": name,
        "@PACKAGE@": package,
        "@FOLDER@": folder,
        "@ROOT@": "/".join(".." for _ in folder.split("/")),
        "@ACCESS@": "authorized: true" if catalogue.authorizer else "open: true",
    }
    for part, target in (("folder", folder), ("tests", tests)):
        for path, content in _rendered(TEMPLATES / kind / part, values):
            changes.write(root / target / path, content)
    entries = _filled((TEMPLATES / kind / "functions.yaml.template").read_text(), values)
    handler = yaml.safe_load(entries)[name]["handler"]
    requirements = (root / folder / "requirements.in").read_text()
    changes.write(
        root / folder / "Dockerfile", dockerfile.render(folder, handler, requirements).encode()
    )
    changes.write(file, _add_last("functions", entries, file.read_text()).encode())
    load(file)


def tidy(paths: list[Path]) -> None:
    """Sort imports and wrap lines, which both depend on the length of names."""
    sources = [str(path) for path in paths if path.suffix == ".py"]
    for command in (["format", "--quiet"], ["check", "--fix", "--exit-zero", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *sources], cwd=ROOT, check=True)


def _check(catalogue: Catalogue, name: str, kind: str, folder: str) -> None:
    if kind not in GROUPS:
        raise FleetError(f"KIND={kind} is unknown; allowed: {', '.join(GROUPS)}")
    if not NAME.fullmatch(name):
        raise FleetError(f"NAME={name} is not allowed; use words joined by hyphens: order-totals")
    if folder and not FOLDER.fullmatch(folder):
        raise FleetError(f"FOLDER={folder} is not allowed; use one level or two: shop/order-totals")
    if name in catalogue.functions or name in catalogue.queues:
        raise FleetError(f"functions.yaml has {name} already; choose another NAME")
    package = name.replace("-", "_")
    modules = {path.name.partition(".")[0] for path in TEMPLATES.joinpath(kind).rglob("*.py.*")}
    if package in modules or keyword.iskeyword(package) or importlib.util.find_spec(package):
        raise FleetError(f"NAME={name} is the name of a Python module already; choose another NAME")


def _rendered(folder: Path, values: Mapping[str, str]) -> Iterator[tuple[Path, bytes]]:
    """Relative path and content of every file of a template."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        relative = _filled(str(path.relative_to(folder)), values)
        content = path.read_bytes()
        if relative.endswith(_SUFFIX):
            relative = relative.removesuffix(_SUFFIX)
            content = _filled(content.decode(), values).encode()
        yield Path(relative), content


def _filled(text: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _add_last(section: str, entries: str, catalogue: str) -> str:
    """`catalogue` with `entries` at the end of a top-level section."""
    head, start, rest = catalogue.partition(f"\n{section}:\n")
    following = re.search(r"(?m)^[#\w]", rest)
    end = following.start() if following else len(rest)
    own = rest[:end].rstrip("\n") + "\n" + entries
    return head + start + own + ("\n" + rest[end:] if following else "")
