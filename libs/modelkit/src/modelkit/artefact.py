"""Artefacts: the bytes of a trained model beside its card, in the folder `model` of a package."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from modelkit.card import Card, InvalidCardError

CARD = "card.json"
FOLDER = "model"


class ArtefactError(Exception):
    """The artefact is missing, or is not the one that its card describes."""


@dataclass(frozen=True)
class Artefact:
    """A model as it was trained: its card, and content that has the card's hash."""

    card: Card
    content: bytes


def load(package: str) -> Artefact:
    """The artefact in the folder `model` of an importable package.

    Raises ArtefactError where a file is missing or does not match the card.
    """
    return read(files(package) / FOLDER)


def read(folder: Traversable) -> Artefact:
    """The artefact in a folder.

    Raises ArtefactError where a file is missing or does not match the card.
    """
    try:
        card = Card.from_json((folder / CARD).read_text(encoding="utf-8"))
        content = (folder / card.artefact.name).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArtefactError(f"{folder} lacks {error.filename}; {_REMEDY}") from error
    except (InvalidCardError, UnicodeDecodeError) as error:
        raise ArtefactError(f"{folder / CARD}: {error}; {_REMEDY}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.artefact.sha256:
        raise ArtefactError(
            f"{folder / card.artefact.name} has sha256 {found}, its card says "
            f"{card.artefact.sha256}; {_REMEDY}"
        )
    return Artefact(card, content)


def write(folder: Path, artefact: Artefact) -> bool:
    """Write artefact and card, each atomically; False where both are there already.

    Interrupted between the two, the card does not match the artefact: `load` then says so. Raises
    ArtefactError if the content does not have the card's hash.
    """
    card, content = artefact.card, artefact.content
    if hashlib.sha256(content).hexdigest() != card.artefact.sha256:
        raise ArtefactError(
            "the card is of another artefact; make it with ArtefactFile.of(content)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    changed = _replace(folder / card.artefact.name, content)
    return _replace(folder / CARD, card.to_json().encode()) or changed


def _replace(path: Path, content: bytes) -> bool:
    if path.exists() and path.read_bytes() == content:
        return False
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # mkstemp makes files that only their owner reads; Lambda runs as another user.
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


_REMEDY = "run make train and commit what it writes"
