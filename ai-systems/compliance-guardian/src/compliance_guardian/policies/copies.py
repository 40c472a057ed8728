"""A copy of an object in its own form, with the values replaced that its edits name."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO, cast

from compliance_guardian.objects import parquet as parquet_objects
from compliance_guardian.objects.unpack import GZIP, ZIP
from compliance_guardian.policies import parquet, text
from compliance_guardian.policies.edits import Edits
from compliance_guardian.policies.values import Replacement

_BLOCK = 1024**2


class Copier:
    """Copies one object, which `objects.reader` has read to its end, so it is within bounds."""

    def __init__(self, edits: Edits, kinds: frozenset[str], replacement: Replacement) -> None:
        self._edits = edits
        self._kinds = kinds
        self._replacement = replacement
        self._files = 0

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy from the beginning, packed as the original is. Equal input gives equal bytes.

        Raises UnreadableError where a value cannot be replaced.
        """
        self._edits.rewind()
        self._files = 0
        self._copy(source, target)
        target.flush()
        target.seek(0)

    def _copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        source.seek(0)
        start = source.read(4)
        source.seek(0)
        if start.startswith(GZIP):
            self._copy_gzip(source, target)
        elif start == ZIP:
            self._copy_zip(source, target)
        else:
            self._files += 1
            self._copy_file(start, source, target)

    def _copy_gzip(self, source: IO[bytes], target: IO[bytes]) -> None:
        with gzip.GzipFile(fileobj=source) as content, gzip.GzipFile(
            filename="", mode="wb", fileobj=target, mtime=0
        ) as packed:  # fmt: skip
            self._copy_packed(cast("IO[bytes]", content), cast("IO[bytes]", packed))

    def _copy_zip(self, source: IO[bytes], target: IO[bytes]) -> None:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as packed:
            # Without its comment, in which no value would be replaced.
            for member in archive.infolist():
                copied = zipfile.ZipInfo(member.filename, member.date_time)
                copied.compress_type = member.compress_type
                copied.create_system = member.create_system
                copied.external_attr = member.external_attr
                if member.is_dir():
                    packed.writestr(copied, b"")
                    continue
                with archive.open(member) as content, packed.open(copied, "w") as written:
                    self._copy_packed(content, written)

    def _copy_packed(self, content: IO[bytes], packed: IO[bytes]) -> None:
        """Copy a packed file, by way of files in which every place can be reached."""
        with tempfile.NamedTemporaryFile() as source, tempfile.NamedTemporaryFile() as target:
            shutil.copyfileobj(content, source, _BLOCK)
            source.flush()
            self._copy(cast("IO[bytes]", source), cast("IO[bytes]", target))
            target.flush()
            target.seek(0)
            shutil.copyfileobj(target, packed, _BLOCK)

    def _copy_file(self, start: bytes, source: IO[bytes], target: IO[bytes]) -> None:
        if start.startswith(parquet_objects.MAGIC):
            parquet.rewrite(Path(source.name), Path(target.name), self._kinds, self._replacement)
        else:
            spans = self._edits.of_file(self._files)
            text.rewrite(source, target, spans, self._replacement)
