"""Which images no published version uses, so that they may be deleted.

Lambda keeps an optimised copy of an image, but fetches it again at any time: a version whose image
was deleted fails then. So only what no version of any environment names is deletable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# A release may stand between push and publication for so long.
YOUNG = timedelta(days=1)


@dataclass(frozen=True)
class Candidate:
    """One image of a repository; `used_by` is a version that runs it, `kept` says why it stays."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    size_bytes: int
    kept: str | None


def judge(
    repository: str,
    stored: Iterable[Mapping[str, Any]],
    used: Mapping[str, str],
    recorded: Mapping[str, str],
    now: datetime,
) -> list[Candidate]:
    """Every image of a repository, with the reason if it must stay.

    `used` and `recorded` give, by digest, the version that runs it and the release that a rollback
    may go back to.
    """
    result = []
    for image in stored:
        digest = image["imageDigest"]
        kept = None
        if digest in used:
            kept = f"runs as {used[digest]}"
        elif digest in recorded:
            kept = f"in {recorded[digest]}"
        elif now - image["imagePushedAt"] < YOUNG:
            kept = "pushed less than a day ago"
        result.append(
            Candidate(
                repository,
                digest,
                tuple(image.get("imageTags", ())),
                image.get("imageSizeInBytes", 0),
                kept,
            )
        )
    return result
