"""Where digits stand as those of a card do."""

from collections.abc import Iterator

import pytest

from compliance_guardian.pci.shapes import search


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("4539578763621486", ()),
        ("4539 5787 6362 1486", (4, 4, 4, 4)),
        ("4539-5787 6362.1486", (4, 4, 4, 4)),
        ("3794\n663894\n34859", (4, 6, 5)),
        ("45395787 6362 1486", (8, 4, 4)),
        ("4 5 3 9 5 7 8 7 6 3 6 2 1 4 8 6", (1,) * 16),
        ("say 453957876\n3621486", (9, 7)),
        ("say 4539 5787 63\n62 1486", (4, 4, 2, 2, 4)),
    ],
)
def test_the_longest_comes_first(text, sizes):
    shapes = search(text, 0)

    assert shapes[0].sizes == sizes
    assert shapes[0].digits == "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    "text",
    [
        "123 45678 9012 3456",
        "12345678901234567890",
        "123456789\n1234567\n",
        "",
    ],
)
def test_no_place_for_one(text):
    assert search(text, 0) == []


def places(text: str) -> Iterator[int]:
    position = 0
    while shapes := search(text, position):
        yield shapes[0].start
        position = shapes[0].first_end


@pytest.mark.parametrize("unit", ["4539 ", "4,", "45 ", "4\u200b", "12345678\n", "-", "1.1\n"])
def test_rows_of_numbers_hold_none_but_at_their_ends(unit):
    assert len(list(places(unit * 2_000))) <= 40
