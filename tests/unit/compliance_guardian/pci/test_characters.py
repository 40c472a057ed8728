"""Characters that look like digits, blanks and dashes have one plain form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.pci.characters import ZERO_WIDTH, plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("４５３９", "4539"),
        ("٤٥٣٩", "4539"),
        ("४५३९", "4539"),
        ("𝟒𝟓𝟑𝟗", "4539"),
        ("④⑤③⑨", "4539"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("1\u20132\u22123\u20114", "1-2-3-4"),
        ("1\u200b2\ufeff3\u00ad4", f"1{ZERO_WIDTH}2{ZERO_WIDTH}3{ZERO_WIDTH}4"),
        ("a＠b．c＿d", "a@b.c_d"),
        ("Mia, grüß", "Mia, grüß"),
    ],
)
def test_other_forms_are_read(written, expected):
    assert plain(written) == expected


@given(st.text())
def test_every_character_stays_in_its_place(text):
    assert len(plain(text)) == len(text)


@given(st.characters(categories=["Nd"]))
def test_every_decimal_digit_of_unicode_is_read(digit):
    assert plain(digit) == str(unicodedata.decimal(digit))
