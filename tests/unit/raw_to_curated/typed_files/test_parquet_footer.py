from __future__ import annotations

from collections.abc import Callable

import pytest

from data_plane.split_objects import (
    PARQUET_KEY,
    SETTINGS,
    curated,
    plan,
    row_groups,
)
from datalake.memory import MemoryStorage
from raw_to_curated.split import SplitService

pytestmark = pytest.mark.usefixtures("no_scores")


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body[:-4] + b"PARE",
        lambda body: body[:-8] + b"\xff\xff\xff\x7fPAR1",
        lambda body: body[:-8] + b"\x00\x00\x00\x00PAR1",
        lambda body: body[:-40] + b"\xff" * 32 + body[-8:],
        lambda body: b"PAR1" + body[-8:],
        lambda body: body[-5_000:],
        lambda body: b"x" * 5_000,
    ],
)
def test_a_damaged_footer_rejects_the_object(
    storage: MemoryStorage, damage: Callable[[bytes], bytes]
) -> None:
    storage.write("raw", PARQUET_KEY, damage(row_groups(5_000, 500)))
    splitter = SplitService(storage, SETTINGS.model_copy(update={"split_mb": 10 / 2**20}))
    assert plan(splitter, PARQUET_KEY)["reason"] == "corrupt_parquet"
    assert storage.head("curated", curated(PARQUET_KEY).rejection_key)
