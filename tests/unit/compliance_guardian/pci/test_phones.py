"""Telephone numbers."""

import pytest

from compliance_guardian.pci.phones import find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +44 7700 900123.", "+44 7700 900123"),
        ("(+1 212-555-0123)", "+1 212-555-0123"),
        ("+49 (0)30 23125 123", "+49 (0)30 23125 123"),
        ("415-555-0199 is mine", "415-555-0199"),
        ("(617) 555-0134", "(617) 555-0134"),
        ("Tel. 030 23125123", "030 23125123"),
        ("phone: 02079460958", "02079460958"),
    ],
)
def test_numbers_are_found(text, expected):
    assert expected in {text[f.start : f.end] for f in find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "030 23125123",
        "2011-12-09",
        "+999 123 4567",
        "+12",
        "it is 7700 900123 now",
        "1089.2 1078.91 1079.88",
        "call me 2011-12-09",
    ],
)
def test_others_are_not(text):
    assert list(find(text)) == []
