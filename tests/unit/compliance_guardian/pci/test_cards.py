"""Card numbers in text, as people and programs write them."""

from itertools import chain

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance_guardian.pci.cards import find
from compliance_guardian.pci.characters import plain
from compliance_guardian.pci.published_numbers import PUBLISHED
from shop.checksums import luhn_digit

NUMBER = "4539578763621486"


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find(plain(text))]


@pytest.mark.parametrize(
    "written",
    [
        "4539578763621486",
        "4539 5787 6362 1486",
        "4539-5787-6362-1486",
        "4539.5787.6362.1486",
        "4539_5787_6362_1486",
        "4539\u00a05787\u00a06362\u00a01486",
        "4539\u200b5787\u200b6362\u200b1486",
        "4539 - 5787 - 6362 - 1486",
        "4539/5787/6362/1486",
        "4 5 3 9 5 7 8 7 6 3 6 2 1 4 8 6",
        "4539 5787\n6362 1486",
        "4539 5787 6362\r\n  1486",
        "4539-5787-\n6362-1486",
        "45395787\n63621486",
        "４５３９ ５７８７ ６３６２ １４８６",
        "3794 663894 34859",
        "379466389434859",
        "3800 676863 6964",
        "4539 5787-6362_1486",
        "4539\\5787\\6362\\1486",
        "4539·5787·6362·1486",
    ],
)
def test_every_way_of_writing_one(written):
    assert found(f"Hello, {written} is it") == [written]


@pytest.mark.parametrize(
    "text",
    [
        "4539578763621487",
        "45 3957 876362 1486",
        "1234 4539 5787 6362 1486 1234",
        "1089 4539 5787\n6362 1486 1089",
        "a4539578763621486",
        "4539578763621486b",
        "12.4539578763621486",
        "4539578763621486.25",
        "+4539578763621486",
        "€4539578763621486",
        "12345678-1234-1234-4539-578763621486",
        "INV-4539578763621486",
        "4000000000000002",
        "44444444444444444448",
    ],
)
def test_what_only_looks_like_one(text):
    assert found(text) == []


@pytest.mark.parametrize("separator", [",", ", ", "\t", ";", " | "])
def test_what_divides_columns_needs_a_word(separator):
    written = separator.join(("4539", "5787", "6362", "1486"))

    assert found(f"these: {written} end") == []
    assert found(f"my card: {written} end") == [written]


@pytest.mark.parametrize("text", ["カード番号は{}です", "제카드{}입니다", "号{}，"])
def test_scripts_without_blanks_stand_beside_digits(text):
    assert found(text.format(NUMBER)) == [NUMBER]


def test_an_expiry_behind_stands_for_a_word():
    number = "453957876362" + luhn_digit("453957876362")

    assert found(f"{number} please") == []
    assert found(f"{number} 11/28") == [number]


def test_a_whole_number_written_as_a_fraction():
    assert found(f"{NUMBER}.0") == [NUMBER]


def test_groups_that_do_not_group_as_a_card_are_none():
    for sizes in ((3, 5, 4, 4), (5, 5, 6), (4, 4, 3, 5), (7, 9)):
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        parts = [NUMBER[e - s : e] for s, e in zip(sizes, ends, strict=True)]
        assert found(" ".join(parts)) == []


@pytest.mark.parametrize(
    ("prefix", "length"), [("4", 13), ("5018", 12), ("6304", 19), ("6767", 18)]
)
def test_other_lengths_and_old_ranges_need_a_word(prefix, length):
    body = prefix.ljust(length - 1, "7")[:-2] + "13"
    number = body + luhn_digit(body)

    assert found(f"see {number} please") == []
    assert found(f"my card {number} please") == [number]


def test_expiry_and_code_may_follow():
    assert found("4539 5787 6362 1486 12/25 123") == ["4539 5787 6362 1486"]


def test_if_strict_whatever_could_be_one_is():
    text = f"order {NUMBER}"

    assert found(text) == []
    assert [text[f.start : f.end] for f in find(text, is_strict=True)] == [NUMBER]


def test_the_trace_says_what_each_reason_changed():
    [finding] = find("card 4539 5787 6362 1486")

    assert {e.reason for e in finding.evidence} == {"range", "checksum", "word", "grouping"}
    assert 0.9 < finding.confidence <= 1
    assert finding.masked == "453957******1486"


SEPARATORS = [" ", "-", ".", "_", "\u2009", "\u2013", "\u200b", "/"]


@given(st.text("0123456789", min_size=14, max_size=14), st.sampled_from(SEPARATORS))
def test_any_card_is_found_with_any_separator(digits, separator):
    body = f"4{digits}"
    number = body + luhn_digit(body)
    assume(len(set(number)) > 2 and number not in PUBLISHED)
    written = separator.join(number[i : i + 4] for i in range(0, 16, 4))

    assert found(f"my card: {written}.") == [written]


def test_long_rows_of_numbers_take_no_long_time():
    row = " ".join(chain.from_iterable(("1089.2", "4539", "5787", "6362") for _ in range(5_000)))

    assert found(row) == []


@pytest.mark.parametrize(
    "text",
    [
        "my number is 4539\n5787\n6362\n1486",
        "note 7: 4539\r\n  5787\r\n  6362\r\n  1486",
        "4539\n5787\n6362\n1486 is what he read out",
        "3794\n663894\n34859",
    ],
)
def test_a_number_of_one_group_a_line(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize("text", ["4539\n5787\n6362\n1486", "total\n4539\n5787\n6362\n1486\nend"])
def test_a_column_of_numbers_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize("separator", [" ", "  ", "-"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_row_of_a_grid_is_none(separator, line_end):
    card = separator.join(["4539", "5787", "6362", "1486"])
    other = separator.join(["2871", "9034", "1120", "4417"])
    more = separator.join(["5425", "2334", "3010", "9903"])

    assert found(card + line_end + other) == []
    assert found(other + line_end + card) == []
    assert found(card + line_end + more) == [card, more]


@pytest.mark.parametrize("name", ["waybill", "booking_ref", "Rechnungsnummer", "client_id"])
@pytest.mark.parametrize("form", ["{},{}", "{};{}", '"{}","{}"'])
def test_the_name_in_the_column_before_counts(name, form):
    assert found(form.format(name, NUMBER)) == []
    assert found(form.format("note", NUMBER)) == [NUMBER]


@pytest.mark.parametrize("name", ["elapsed_ns", "durationNanos", "took_micros"])
def test_a_time_that_passed_is_none(name):
    assert found(f"{name}={NUMBER}") == []
