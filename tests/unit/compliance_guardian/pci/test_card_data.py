"""Track data, verification codes and expiries."""

import pytest

from compliance_guardian.pci.card_data import codes, expiries, tracks
from compliance_guardian.pci.cards import find

NUMBER = "4539578763621486"


@pytest.mark.parametrize(
    "track",
    [
        f"%B{NUMBER}^DOE/JOHN^2512101000000?",
        f";{NUMBER}=25121010000000?",
        f"{NUMBER}D25121010000",
    ],
)
def test_both_tracks(track):
    text = f"read {track} now"
    whole, number = tracks(text)

    assert text[whole.start : whole.end] == track
    assert text[number.start : number.end] == NUMBER
    assert whole.masked == number.masked == "453957******1486"


def test_a_track_needs_a_valid_number():
    assert list(tracks(";4539578763621487=25121010000000?")) == []


@pytest.mark.parametrize(
    "text", ["cvv: 123", "CVC2 123", "the security code is 123", '"cvv":"123"', "Prüfnummer 123"]
)
def test_codes_beside_a_word(text):
    [finding] = codes(text, [])

    assert text[finding.start : finding.end] == "123"
    assert finding.masked == "***"


@pytest.mark.parametrize("text", ["123", "cvv 12", "cvv 12345", "room 123", "cvv 123.50"])
def test_other_digits_are_no_code(text):
    assert list(codes(text, [])) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("exp 12/27", "12/27"),
        ("Expiry date: 01/2031", "01/2031"),
        ("valid thru 03-28", "03-28"),
        ("gültig bis 11.29", "11.29"),
        ("exp: 1227", "1227"),
    ],
)
def test_expiries_beside_a_word(text, date):
    [finding] = expiries(text, [])

    assert text[finding.start : finding.end] == date


@pytest.mark.parametrize("text", ["12/27", "exp 13/27", "exp 12/27/2024", "experience 12/27"])
def test_other_dates_are_no_expiry(text):
    assert list(expiries(text, [])) == []


def test_behind_a_card_number_no_word_is_needed():
    text = f"{NUMBER} 12/27 123"
    numbers = list(find(text))

    assert [text[f.start : f.end] for f in expiries(text, numbers)] == ["12/27"]
    assert [text[f.start : f.end] for f in codes(text, numbers)] == ["123"]


NAMES_BEFORE_A_VALUE = [
    "payment[{}]={}",
    "<{0}>{1}</{0}>",
    '"{}" : {}',
    "({}) {}",
    "{},{}",
    '"{}";"{}"',
    "{}|{}",
    r"{{\"{}\":\"{}\"}}",
]


@pytest.mark.parametrize("form", NAMES_BEFORE_A_VALUE)
@pytest.mark.parametrize("name", ["cvn", "cardCvc", "verification_value"])
def test_codes_behind_the_name_of_a_field(form, name):
    text = form.format(name, "0471")

    assert [text[f.start : f.end] for f in codes(text, [])] == ["0471"]


@pytest.mark.parametrize("form", NAMES_BEFORE_A_VALUE)
@pytest.mark.parametrize("name", ["cardExpiry", "expiration_date", "EXP"])
def test_expiries_behind_the_name_of_a_field(form, name):
    text = form.format(name, "11/2029")

    assert [text[f.start : f.end] for f in expiries(text, [])] == ["11/2029"]


@pytest.mark.parametrize("text", ["cvv, 100 of them", "the cvc field; 250 rows", "pacvc 123"])
def test_a_sentence_that_goes_on_holds_no_code(text):
    assert list(codes(text, [])) == []
