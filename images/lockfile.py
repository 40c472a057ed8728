"""Reads the lock files that `uv pip compile` writes: one requirement a block, with its hashes."""

from __future__ import annotations

import re


def blocks(lock: str) -> dict[str, str]:
    """Map each requirement line (`name==version ; marker`) to its whole block.

    >>> blocks("a==1 \\\\\\n    --hash=sha256:00\\n    # via b\\n")
    {'a==1': 'a==1 \\\\\\n    --hash=sha256:00\\n'}
    """
    found: dict[str, str] = {}
    key = ""
    for line in lock.splitlines(keepends=True):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            key = line.strip().removesuffix("\\").strip()
            found[key] = ""
        found[key] += line
    return found


def name(requirement: str) -> str:
    """The normalised project name of a requirement line (PEP 503)."""
    bare = re.split(r"[\[=<>!~;@ ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()


def without(lock: str, *others: str) -> str:
    """`lock` less the requirements that one of `others` holds already."""
    present = {key for other in others for key in blocks(other)}
    return "".join(block for key, block in blocks(lock).items() if key not in present)
