"""A stream of chance for each topic, so that a new topic changes none of the others."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]


def stream(seed: int, topic: str, *indices: int) -> np.random.Generator:
    """The generator of a topic, and of a month or part of it: always the same for the same names.

    The name goes into the spawn key of numpy's SeedSequence, which keeps streams independent.
    """
    key = (zlib.crc32(topic.encode()), *indices)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
