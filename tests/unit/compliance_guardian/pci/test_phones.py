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


@pytest.mark.parametrize(
    "text", ["+4.251739264", "+8 123456789", "+1.829823234", "+1 100 234 5678", "+7.110404083"]
)
def test_no_country_has_such_numbers(text):
    assert list(find(f"x = {text}")) == []


@pytest.mark.parametrize(
    "text", ["+1.2125551234", "+7 916 123 45 67", "+49.301234567", "+353 1 234 5678"]
)
def test_countries_have_such_numbers(text):
    assert [text[f.start : f.end] for f in find(text)] == [text]


@pytest.mark.parametrize("form", ["<fax>{}</fax>", "phone,{}", "contact[mobile]={}", '"tel";"{}"'])
def test_the_name_of_a_field_is_a_word(form):
    text = form.format("0043 1 5690375")

    assert [text[f.start : f.end] for f in find(text)] == ["0043 1 5690375"]
