"""This repository's files, and copies of them, for tests that change them.

`python tests/checkout.py PATTERN...` prints the paths that match a pattern of .gitignore's form.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).parents[1]


def files() -> Iterator[str]:
    """Every file that git tracks or would, as a path relative to the root; git is not needed."""
    ignored = GitIgnoreSpec.from_lines([".git", *(ROOT / ".gitignore").read_text().splitlines()])
    for folder, folders, names in os.walk(ROOT):
        relative = os.path.relpath(folder, ROOT)
        prefix = "" if relative == "." else f"{relative}/"
        folders[:] = sorted(f for f in folders if not ignored.match_file(f"{prefix}{f}/"))
        yield from sorted(f"{prefix}{n}" for n in names if not ignored.match_file(f"{prefix}{n}"))


def matching(*patterns: str) -> list[str]:
    """The paths of `files` that match one of the patterns."""
    return list(GitIgnoreSpec.from_lines(patterns).match_files(files()))


def copy_checkout(target: Path, *patterns: str) -> Path:
    """Copy the files, or those that match a pattern; uncommitted changes are among them."""
    for name in matching(*(patterns or ["*"])):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target


if __name__ == "__main__":
    print("\n".join(sorted(matching(*sys.argv[1:]))))
