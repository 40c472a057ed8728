"""The prefilter lets through whatever the rules find."""

import base64

import polars as pl
import pytest

from compliance_guardian.objects.prefilter import (
    is_telling,
    suspect_places,
    suspect_rows,
    suspects,
)
from compliance_guardian.pci.characters import plain
from compliance_guardian.pci.scan import scan
from shop.notes import notes
from shop.parameters import Parameters

NUMBER = "4539578763621486"
TEXTS = [
    "4539578763621486",
    "4539 5787 6362 1486",
    "４５３９５７８７６３６２１４８６",
    "NDUzOTU3ODc2MzYyMTQ4Ng==",
    "4539%205787%206362%201486",
    "cvv 123",
    "cvv2,446",
    "<CVV2>2969</CVV2>",
    "Prüfnummer 123",
    "exp 12/27",
    "gültig bis 12/27",
    "DE89 3704 0044 0532 0130 00",
    "no9386011117947",
    "SSN 123456789",
    "123-45-6789",
    "mia@example.org",
    "192.0.2.17",
    "2001:db8::1",
    "2001:db8:1:2:3:4:5:6",
    "+44 7700 900123",
    "415-555-0199",
    "(617) 555-0134",
    "Tel. 030 23125123",
]


def unsuspected(texts):
    """Those with a finding that the prefilter passes over."""
    suspicious = set(suspects(pl.Series(texts)))
    return [text for index, text in enumerate(texts) if index not in suspicious and scan(text)]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_found_is_suspicious(text):
    assert scan(text)
    assert suspects(pl.Series([text])) == [0]


def test_every_way_to_write_a_card_is_suspicious(data):
    texts = [document.text for document in (*data.cards(5, 500), *data.obfuscated(5, 50))]

    assert unsuspected(texts) == []


def test_every_character_that_stands_for_another_is_suspicious():
    others = [
        character
        for character in map(chr, range(0x80, 0x1_0000))
        if plain(character) not in (character, " ", "-", ".")
    ]

    assert len(others) > 500
    assert [others[index] for index in suspects(pl.Series(others))] == others


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_value_of_a_row_is_suspicious(delimiter, quote):
    values = [text for text in TEXTS if delimiter not in text]
    rows = [delimiter.join(["12", f"{quote}{value}{quote}", "7"]) for value in values]

    assert suspect_rows(pl.Series(rows), delimiter) == list(range(len(rows)))


def test_a_quoted_value_may_have_the_delimiter_in_it():
    rows = pl.Series(['1,"4539,5787,6362,1486",2', "1,4539,5787,6362,1486,2"])

    assert suspect_rows(rows, ",") == [0]


@pytest.mark.parametrize("filler", ["\n", " 1,204.50 1310 ", '","transactionAmount":12.5,"a":"'])
def test_places_of_a_long_text_are_those_of_its_findings(data, filler):
    texts = [document.text for document in (*data.cards(6, 40), *data.obfuscated(6, 6))]
    text = (filler * (4000 // len(filler))).join(texts)

    places = list(suspect_places(text))

    assert sum(end - start for start, end in places) < len(text) / 2
    starts = [finding.start for finding in scan(text)]
    assert len(starts) > 100
    assert [at for at in starts if not any(start <= at < end for start, end in places)] == []


def test_places_come_in_order_and_apart():
    words = f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:12]} {NUMBER[12:]}"
    text = f"{base64.b64encode(NUMBER.encode()).decode()} card {words}\n" * 200

    edges = [edge for place in suspect_places(text) for edge in place]

    assert len(text) > 8_000
    assert edges == sorted(edges)


def test_base64_may_lie_over_pieces():
    inside = base64.b64encode(b"nothing to see here, " * 200 + b"card 4539578763621486").decode()
    text = f"{'word ' * 1000}{inside} {'word ' * 1000}"
    [finding] = scan(text)

    assert any(start <= finding.start < end for start, end in suspect_places(text))


def test_whatever_is_found_in_notes_is_suspicious():
    texts = [note.text for note in notes(Parameters(lines=1_000, seed=7))]

    assert unsuspected(texts) == []


@pytest.mark.parametrize(
    "line",
    [
        "536365,85123A,WHITE HANGING HEART HOLDER,6,2010-12-01 08:26:00,2.55,17850,Norway",
        "V1,1089.2,1078.91,1079.88,1063.58",
        "a,2010-12-01T08:26:00.123456789,b",
    ],
)
def test_usual_rows_are_passed_over(line):
    assert suspect_rows(pl.Series([line]), ",") == []


def test_names_that_tell():
    assert all(map(is_telling, ["card_number", "CVV", "Expiry", "phone", "SSN"]))
    assert not any(
        map(is_telling, ["order_id", "quantity", "Country", "company", "hotel", "life_expectancy"])
    )
