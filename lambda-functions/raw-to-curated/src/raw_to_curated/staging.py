"""Where the parts of a large object wait until all are there: a place in the curated bucket.

The manifest of a part says what became of it, and is written after the part's files.
"""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict, TypeAdapter

from datalake.files import encode_json
from datalake.layout import CuratedObject
from datalake.quality_report import IndependentCount, OutputFile, Part
from datalake.storage import ObjectNotFoundError, ObjectStorage, put_unless_newer
from raw_to_curated.curate import Counts
from raw_to_curated.distinct import SCHEME
from raw_to_curated.drift import Observed
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.report import recipe_of
from raw_to_curated.settings import Settings
from raw_to_curated.sources.model import Source
from raw_to_curated.steps import PlannedStep


class PartsMissingError(Exception):
    """`finish` was called before all parts were curated."""


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StagedFile(_Manifest):
    """A Parquet file of a part, staged under `name`."""

    name: str
    file: OutputFile


class CuratedPart(_Manifest):
    """What a part holds. `hashes` name the staged files with the hashes of its rows."""

    part: Part
    counts: Counts
    counted: IndependentCount | None
    encodings: tuple[str, ...]
    observed: Observed
    files: tuple[StagedFile, ...]
    hashes: tuple[str, ...]


class RejectedPart(_Manifest):
    """Why a part, and so the object, cannot be used."""

    reason: ObjectReason
    message: str
    details: dict[str, list[str]]

    def error(self) -> RejectedError:
        """As it was raised."""
        return RejectedError(self.reason, self.message, **self.details)


_MANIFEST: TypeAdapter[CuratedPart | RejectedPart] = TypeAdapter(CuratedPart | RejectedPart)


class Staging:
    """The parts of one plan."""

    def __init__(self, storage: ObjectStorage, bucket: str, prefix: str, of: int) -> None:
        self._storage = storage
        self._bucket = bucket
        self._prefix = prefix
        self._of = of

    @classmethod
    def of_plan(
        cls, storage: ObjectStorage, settings: Settings, source: Source, step: PlannedStep
    ) -> Staging:
        """One place for each version of the object, recipe, plan, and scheme of hashes."""
        plan = step.model_dump(mode="json", include={"etag", "version_id", "of", "dates"})
        text = repr((plan, recipe_of(source), SCHEME))
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        prefix = CuratedObject.of(source.name, step.key).staging_prefix(version)
        return cls(storage, settings.curated_bucket, prefix, step.of)

    def put(self, name: str, body: bytes) -> None:
        """Write a file."""
        put_unless_newer(
            self._storage,
            self._bucket,
            self._prefix + name,
            body,
            sequencer="",
            content_type="application/octet-stream",
            metadata={},
        )

    def get(self, name: str) -> bytes:
        """Read a file. Raises ObjectNotFoundError."""
        return self._storage.get(self._bucket, self._prefix + name).body

    def has(self, part: int) -> bool:
        """Whether a part is done."""
        return self._storage.head(self._bucket, self._prefix + _manifest(part)) is not None

    def done(self, part: int, manifest: CuratedPart | RejectedPart) -> None:
        """Write a part's manifest, after all its files."""
        self.put(_manifest(part), encode_json(manifest.model_dump(mode="json", by_alias=True)))

    def curated(self) -> list[CuratedPart]:
        """The manifests of all parts, in their order.

        Raises PartsMissingError, and RejectedError for the first part that cannot be used.
        """
        manifests = [self._found(part) for part in range(self._of)]
        missing = [part for part, found in enumerate(manifests) if found is None]
        if missing:
            raise PartsMissingError(
                f"parts {missing} of {self._of} are not curated yet; invoke them"
            )
        for found in manifests:
            if isinstance(found, RejectedPart):
                raise found.error()
        return [found for found in manifests if isinstance(found, CuratedPart)]

    def _found(self, part: int) -> CuratedPart | RejectedPart | None:
        try:
            return _MANIFEST.validate_json(self.get(_manifest(part)))
        except ObjectNotFoundError:
            return None

    def remove(self) -> None:
        """Remove everything: manifests first, so that none speaks of files that are gone."""
        manifests = [self._prefix + _manifest(part) for part in range(self._of)]
        for key in [*manifests, *self._storage.keys(self._bucket, self._prefix)]:
            head = self._storage.head(self._bucket, key)
            if head is not None:
                self._storage.delete(self._bucket, key, if_match=head.etag)


def _manifest(part: int) -> str:
    return f"part-{part}.json"
