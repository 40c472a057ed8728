"""One part of a large object, from its bytes to the staging area."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from datalake.quality_report import Part
from datalake.storage import ObjectInfo
from raw_to_curated.curate import segments
from raw_to_curated.decoding import encoding_name
from raw_to_curated.independent_count import IndependentCounter
from raw_to_curated.parts import OpenRange
from raw_to_curated.reader import Reader
from raw_to_curated.results import Results
from raw_to_curated.sources.model import Source
from raw_to_curated.staging import CuratedPart, StagedFile, Staging
from raw_to_curated.steps import PartStep

# Keeps the numbers of the files of one part apart from those of the next.
_FILES_PER_PART = 1_000


def curated_part(
    source: Source, step: PartStep, info: ObjectInfo, opened: OpenRange, staging: Staging
) -> CuratedPart:
    """Curate a part and stage its files; the manifest is left to the caller.

    Raises what reading and curating raise.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reader = Reader(source, step.key, folder)
        counter = IndependentCounter(source, step.key, info, folder, (step.start, step.end))
        results = Results(source, step.key, folder, first_part=step.part * _FILES_PER_PART)
        batches = reader.batches_of_part(
            counter.copied_range(opened), step.start, step.end, info.size
        )
        with closing(batches):
            results.add_all(segments(reader.source, step.key, batches, step.dates))
        outputs, counts = results.finish()
        for output in outputs:
            staging.put(output.path.name, output.path.read_bytes())
        hashes = {
            f"part-{step.part}-hashes-{number}.arrow": path
            for number, path in enumerate(results.hash_files())
        }
        for staged, path in hashes.items():
            staging.put(staged, path.read_bytes())
        counted = counter.count(counts, reader.expected_rows)
    encoding = encoding_name(source, reader.encodings)
    return CuratedPart(
        part=Part(start=step.start, end=step.end, encoding=encoding),
        counts=counts,
        counted=counted,
        encodings=tuple(sorted(reader.encodings)),
        observed=reader.observed,
        files=tuple(StagedFile(name=output.path.name, file=output.file) for output in outputs),
        hashes=tuple(hashes),
    )
