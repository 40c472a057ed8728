from __future__ import annotations

import pytest

from data_plane.curation import curate
from data_plane.sources import FILES
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_every_source_has_a_sample_that_is_good(source: Source) -> None:
    samples = sorted(FILES.glob(f"{source.name}-sample.*"))
    assert samples, f"put a file {source.name}-sample.<suffix> into {FILES}"
    for sample in samples:
        curated = curate(source, f"{source.name}/{sample.name}", sample.read_bytes())
        assert curated.rows_in > 2
        assert curated.tables[source.table].height > curated.rows_in / 2
        assert curated.reader.observed.retyped == []
