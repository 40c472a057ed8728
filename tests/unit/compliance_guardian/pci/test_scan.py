"""All kinds in one text."""

import base64
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import scan, version

NUMBER = "4539578763621486"


def kinds(text):
    return [(f.kind.value, text[f.start : f.end]) for f in scan(text)]


def test_each_kind_is_found_once_and_in_order():
    text = f"mia@example.org, {NUMBER} 12/27 123, DE89 3704 0044 0532 0130 00, +44 7700 900123"

    assert [kind for kind, _ in kinds(text)] == [
        "email", "card_number", "expiry", "cvv", "iban", "phone"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"https://x.example/y?card={NUMBER[:4]}%20{NUMBER[4:8]}%20{NUMBER[8:12]}%20{NUMBER[12:]}",
        json.dumps({"card": "\u00a0".join(NUMBER[i : i + 4] for i in range(0, 16, 4))}),
        "".join(f"{digit}\ufe0f\u20e3" for digit in NUMBER),
        "<b>4539</b> <b>5787</b> <b>6362</b> <b>1486</b>",
        base64.b64encode(f"card {NUMBER}".encode()).decode(),
        base64.b64encode(base64.b64encode(f"card {NUMBER}".encode())).decode(),
        "card%3D" + base64.b64encode(NUMBER.encode()).decode().replace("=", "%3D"),
    ],
)
def test_encodings_are_looked_into(text):
    assert [f.kind for f in scan(text)] == [Kind.CARD_NUMBER]


def test_a_track_holds_its_number_too():
    assert {kind for kind, _ in kinds(f";{NUMBER}=25121010000000?")} == {
        "track_data",
        "card_number",
    }


def test_only_the_kinds_asked_for():
    text = f"mia@example.org {NUMBER}"

    assert [f.kind for f in scan(text, frozenset({Kind.EMAIL}))] == [Kind.EMAIL]


def test_the_version_names_the_rules():
    assert version().startswith("pci-1.0-")


@given(st.text(st.sampled_from("0123456789 -.@:+%&;=\\ub\nDE\u00a0\u200b４")))
def test_any_text_gives_findings_inside_it_that_do_not_overlap(text):
    found = [f for f in scan(text) if f.kind is not Kind.TRACK_DATA]

    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
