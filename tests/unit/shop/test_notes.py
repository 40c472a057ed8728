from __future__ import annotations

import re
from collections import Counter

import pytest

from shop.checksums import is_iban, is_luhn
from shop.notes import Note, notes
from shop.parameters import NoteLaws, Parameters

PARAMETERS = Parameters(notes=NoteLaws(count=3_000))
NOTES = list(notes(PARAMETERS))


def found(kind: str, made: list[Note] = NOTES) -> list[str]:
    return [note.text[s.start : s.end] for note in made for s in note.spans if s.kind == kind]


def test_card_numbers_are_valid_and_of_test_ranges() -> None:
    for text in found("card_number"):
        number = re.sub("[ -]", "", text)
        assert re.fullmatch("(411111|424242|555555|222300|601111)[0-9]{10}|378282[0-9]{9}", number)
        assert is_luhn(number)


def test_ibans_are_valid_and_of_no_bank() -> None:
    lengths = {"DE": 22, "GB": 22, "NL": 18}
    for text in found("iban"):
        number = text.replace(" ", "")
        assert is_iban(number)
        assert len(number) == lengths[number[:2]]
        assert number[4:].startswith(("00000000", "ZZZZ"))


def test_addresses_and_telephone_numbers_are_reserved_for_examples() -> None:
    for text in found("email"):
        assert re.fullmatch(r"[a-z]+\.[0-9]{3}@example\.(org|com|net)", text)
    for text in found("phone"):
        assert re.fullmatch(r"\+44 7700 900[0-9]{3}|\+1 [0-9]{3}-555-01[0-9]{2}", text)


def test_nothing_outside_the_spans_looks_like_them() -> None:
    for note in NOTES:
        rest = list(note.text)
        for span in [*note.spans, *note.look_alikes]:
            rest[span.start : span.end] = "#" * (span.end - span.start)
        assert not re.search(r"[0-9]{3}|@|[A-Z]{2}[0-9]{2}", "".join(rest))


def test_look_alikes_have_a_wrong_check_digit() -> None:
    numbers = [n.text[s.start : s.end] for n in NOTES for s in n.look_alikes]

    assert len(numbers) / len(NOTES) == pytest.approx(PARAMETERS.notes.look_alikes, abs=0.03)
    assert not any(map(is_luhn, numbers))


def test_personal_data_are_as_frequent_as_asked_and_of_all_kinds() -> None:
    count = Counter(span.kind for note in NOTES for span in note.spans)

    assert set(count) == {"card_number", "iban", "email", "phone"}
    assert count.total() / len(NOTES) == pytest.approx(PARAMETERS.notes.mean_findings, abs=0.06)
    assert max(count.values()) < 1.3 * min(count.values())


def test_positions_count_characters_whatever_their_bytes() -> None:
    after_emoji = [n for n in NOTES if "😞" in n.text and n.spans]

    assert any(n.text.index("😞") < n.spans[0].start for n in after_emoji)


def test_the_same_seed_gives_the_same_notes() -> None:
    assert list(notes(PARAMETERS)) == NOTES
