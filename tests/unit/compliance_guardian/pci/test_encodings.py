"""Texts inside a text, with their places."""

import base64

import pytest

from compliance_guardian.pci.encodings import inner_texts

NUMBER = "4539578763621486"


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("?n=4539%205787", "?n=4539 5787"),
        ("4539&nbsp;5787&#32;6362", "4539\u00a05787 6362"),
        ('"4539\\u00a05787\\n"', '"4539\u00a05787\n"'),
        ("4539=\n5787", "45395787"),
        ("4539\u200b5787", "45395787"),
        ("<b>4539</b> <span class='a'>5787</span>6", "4539 57876"),
        ("4539<br/>5787", "4539 5787"),
        ("\\u{34}\\x35", "45"),
    ],
)
def test_escapes(text, inner):
    [found] = inner_texts(text)

    assert found.text == inner
    assert len(found.places) == len(found.ends) == len(inner)
    assert found.ends[-1] == len(text)


@pytest.mark.parametrize("count", [16, 17, 18])
def test_base64_covers_the_whole_word(count):
    content = (NUMBER + "00")[:count]
    word = base64.b64encode(content.encode()).decode()

    [found] = inner_texts(f"data:{word} end")

    assert found.text == content
    assert (found.places[0], found.ends[-1]) == (5, 5 + len(word))


def test_base64_in_lines_ends_in_a_short_one():
    content = f"Pay with {NUMBER}, thank you."
    word = base64.b64encode(content.encode()).decode()
    text = f"{word[:32]}\n{word[32:48]}\n{word[48:]}"

    assert [found.text for found in inner_texts(text)] == [content]


@pytest.mark.parametrize("text", ["abcdefghijklmnopqrstuvwxyz", NUMBER, "plain words", "a_b-c" * 8])
def test_other_words_hold_no_text(text):
    assert list(inner_texts(text)) == []


@pytest.mark.parametrize("behind", ["\n12:05 next", "\nOK", "\r\n2026-02-03"])
def test_what_begins_the_line_behind_base64_is_no_part_of_it(behind):
    word = base64.b64encode(
        b"He paid with " + NUMBER.encode() + b" and left the shop, it."
    ).decode()
    [inner] = inner_texts(word.rstrip("=") + behind)

    first = inner.text.index(NUMBER)
    assert inner.ends[first + len(NUMBER) - 1] <= len(word)


def test_a_sign_of_percent_that_encodes_no_text_stays():
    [inner] = inner_texts("up by 7%94.5 and a%20b")

    assert inner.text == "up by 7%94.5 and a b"
