"""The XML parts of a workbook, streamed from its archive and without what XML can do harm with."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from raw_to_curated.reasons import ObjectReason, RejectedError, bomb

_BLOCK = 64 * 1024

Start = Callable[[str, dict[str, str]], None]
"""Called with the name of an element without its prefix, and its attributes."""
End = Callable[[str], None]
Text = Callable[[str], None]


class Budget:
    """Bytes that a workbook may still unpack to, in its parts and in the texts of its cells."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._left = most_bytes

    def take(self, size: int) -> None:
        """Count bytes. Raises RejectedError if there are too many."""
        self._left -= size
        if self._left < 0:
            raise bomb(self._most)


def parse(
    archive: zipfile.ZipFile,
    name: str,
    budget: Budget,
    *,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
) -> Iterator[None]:
    """Parse one part; the caller gets its turn after each block. Raises RejectedError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    # Without a document type there are no entities, internal or external.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda found, attributes: start(_local(found), attributes)
    if end is not None:
        parser.EndElementHandler = lambda found: end(_local(found))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        with archive.open(name) as part:
            # What is really unpacked counts, not the size that the archive's directory gives.
            while block := part.read(_BLOCK):
                budget.take(len(block))
                parser.Parse(block)
                yield
            parser.Parse(b"", True)
            yield
    except expat.ExpatError as error:
        raise corrupt_workbook(f"{name} is no XML: {error}") from error


def parse_whole(
    archive: zipfile.ZipFile,
    name: str,
    budget: Budget,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
) -> None:
    """Parse one part to its end. Raises RejectedError."""
    for _ in parse(archive, name, budget, start=start, end=end, text=text):
        pass


def corrupt_workbook(why: str) -> RejectedError:
    """The rejection of a damaged workbook."""
    return RejectedError(
        ObjectReason.CORRUPT_WORKBOOK,
        f"The object is no readable Excel workbook ({why[:200]}). Save it as .xlsx again.",
    )


def _refuse_doctype(*_: object) -> None:
    raise corrupt_workbook("its XML has a document type, as no workbook has")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
