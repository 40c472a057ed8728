from __future__ import annotations

from shop.streams import stream


def test_a_stream_is_always_the_same() -> None:
    assert stream(1, "orders", 3).integers(0, 2**40, 4).tolist() == [
        *stream(1, "orders", 3).integers(0, 2**40, 4)
    ]


def test_seed_topic_and_each_index_make_another_stream() -> None:
    names = [(1, "orders"), (2, "orders"), (1, "returns"), (1, "orders", 0), (1, "orders", 0, 0)]

    first = {stream(*name).integers(0, 2**62) for name in names}  # type: ignore[arg-type]

    assert len(first) == len(names)
