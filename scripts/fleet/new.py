"""`make new`: a function that works, to be replaced piece by piece."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from fleet.catalogue import Catalogue, load
from fleet.errors import FleetError
from fleet.images import dockerfile
from fleet.paths import CATALOGUE, ROOT

# Kind: group folder, handler module, domain module, sample event.
KINDS = {
    "api": ("ai-systems", "handler", "greeting", "greeting"),
    "pipeline": ("lambda-functions", "lambda_function", "job", "jobs"),
}
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(
    catalogue: Catalogue, name: str, kind: str, root: Path = ROOT, file: Path = CATALOGUE
) -> list[Path]:
    """Write the folder, a test and the catalogue entry of a new function; return the files.

    Raises FleetError, with nothing written, if the name or kind is unusable or taken.
    """
    if kind not in KINDS:
        raise FleetError(f"KIND={kind} is unknown; allowed: {', '.join(KINDS)}")
    if not NAME.fullmatch(name):
        raise FleetError(f"NAME={name} is not allowed; use words joined by hyphens: order-totals")
    if name in catalogue.functions or name in catalogue.queues:
        raise FleetError(f"functions.yaml has {name} already; choose another NAME")
    group, module, domain, event = KINDS[kind]
    folder, tests = root / group / name, root / "tests/unit" / name.replace("-", "_")
    for path in (folder, tests):
        if path.exists():
            raise FleetError(f"{path.relative_to(root)} exists already; choose another NAME")
    package = name.replace("-", "_")
    written = {
        folder / "Dockerfile": dockerfile.render(
            f"{group}/{name}", f"{module}.lambda_handler", _template(f"{kind}/requirements.in")
        ),
        folder / "README.md": _template("README.md"),
        folder / "requirements.in": _template(f"{kind}/requirements.in"),
        folder / f"src/{module}.py": _template(f"{kind}/{module}.py"),
        folder / f"src/{package}/__init__.py": '"""The domain of @NAME@."""\n',
        folder / f"src/{package}/{domain}.py": _template(f"{kind}/domain.py"),
        folder / f"events/{event}.json": _template(f"{kind}/event.json"),
        tests / "test_handler.py": _template(f"{kind}/test_handler.py"),
    }
    values = {
        "@NAME@": name,
        "@PACKAGE@": package,
        "@FOLDER@": f"{group}/{name}",
        "@HANDLER@": f"{module}.lambda_handler",
    }
    before = file.read_text()
    entry = _add_last("functions", _template(f"{kind}/catalogue.yaml"), before)
    if kind == "pipeline":
        queue = _template("pipeline/queue.yaml")
        entry = (
            re.sub(r"(?m)^queues:\n", lambda m: m[0] + queue, entry)
            if catalogue.queues
            else re.sub(r"(?m)^functions:\n", lambda m: f"queues:\n{queue}\n{m[0]}", entry)
        )
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fill(text, values))
    file.write_text(_fill(entry, values))
    try:
        load(file)
    except FleetError:
        file.write_text(before)
        raise
    return [*written, file]


def _add_last(section: str, entry: str, catalogue: str) -> str:
    """`catalogue` with `entry` at the end of a top-level section."""
    head, start, rest = catalogue.partition(f"\n{section}:\n")
    following = re.search(r"(?m)^[#\w]", rest)
    end = following.start() if following else len(rest)
    own = rest[:end].rstrip("\n") + "\n" + entry
    return head + start + own + ("\n" + rest[end:] if following else "")


def _template(name: str) -> str:
    return files("fleet").joinpath(f"templates/{name}.template").read_text(encoding="utf-8")


def _fill(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
