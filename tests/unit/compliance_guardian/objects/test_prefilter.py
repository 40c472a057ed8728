"""The prefilter lets through whatever the rules find."""

import polars as pl
import pytest

from compliance_guardian.objects.prefilter import is_telling, suspects
from compliance_guardian.pci.scan import scan
from shop.notes import notes
from shop.parameters import Parameters

TEXTS = [
    "4539578763621486",
    "4539 5787 6362 1486",
    "４５３９５７８７６３６２１４８６",
    "NDUzOTU3ODc2MzYyMTQ4Ng==",
    "4539%205787%206362%201486",
    "cvv 123",
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


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_found_is_suspicious(text):
    assert scan(text)
    assert suspects(pl.Series([text])).to_list() == [0]


def test_whatever_is_found_in_notes_is_suspicious():
    texts = [note.text for note in notes(Parameters(lines=1_000, seed=7))]

    suspicious = set(suspects(pl.Series(texts)).to_list())

    assert [
        text for index, text in enumerate(texts) if index not in suspicious and scan(text)
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        "536365,85123A,WHITE HANGING HEART HOLDER,6,2010-12-01 08:26:00,2.55,17850,Norway",
        "V1,1089.2,1078.91,1079.88,1063.58",
        "a,2010-12-01T08:26:00.123456789,b",
    ],
)
def test_usual_rows_are_passed_over(line):
    assert suspects(pl.Series([line])).to_list() == []


def test_names_that_tell():
    assert all(map(is_telling, ["card_number", "CVV", "Expiry", "phone", "iban", "SSN"]))
    assert not any(map(is_telling, ["order_id", "quantity", "Country"]))
