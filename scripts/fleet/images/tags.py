"""Image tags that are a hash of what goes into the image: equal tag, equal image."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

# The last lines of .dockerignore, which keep these out of every build context.
IGNORED = ("**/__pycache__", "**/*.pyc", "**/.*")


def content_tag(root: Path, dockerfile: str, arguments: dict[str, str], architecture: str) -> str:
    """The tag of the image that `dockerfile` builds with `arguments` for `architecture`.

    Covers the Dockerfile and every file it copies from the context `root`: path, content and
    whether it may be executed. Times and owners do not count.
    """
    digest = hashlib.sha256()
    _add(digest, architecture, *(f"{k}={v}" for k, v in sorted(arguments.items())))
    for path in sorted({root / dockerfile, *_copied(root, (root / dockerfile).read_text())}):
        executable = "x" if path.stat().st_mode & 0o100 else "-"
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        _add(digest, path.relative_to(root).as_posix(), executable, content)
    return f"{digest.hexdigest()[:16]}-{architecture}"


def _copied(root: Path, dockerfile: str) -> Iterator[Path]:
    """Every file that a COPY from the context names, directly or through its directory."""
    for line in re.sub(r"\\\n", " ", dockerfile).splitlines():
        words = line.split()
        if not words or words[0] != "COPY" or any(w.startswith("--from=") for w in words):
            continue
        sources = [w for w in words[1:-1] if not w.startswith("--")]
        for source in sources:
            path = root / source
            for file in path.rglob("*") if path.is_dir() else [path]:
                if file.is_file() and not _ignored(file.relative_to(root)):
                    yield file


def _ignored(path: Path) -> bool:
    names = [pattern.removeprefix("**/") for pattern in IGNORED]
    return any(fnmatch(part, name) for part in path.parts for name in names)


def _add(digest: hashlib._Hash, *texts: str) -> None:
    for text in texts:
        digest.update(text.encode() + b"\0")
