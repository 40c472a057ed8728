"""Check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.pci.checksums import luhn, mod_97
from shop.checksums import iban, luhn_digit


@given(st.text("0123456789", min_size=11, max_size=18), st.integers(1, 9))
def test_only_the_right_check_digit_is_valid(body, off):
    digit = luhn_digit(body)

    assert luhn(body + digit)
    assert not luhn(f"{body}{(int(digit) + off) % 10}")


@pytest.mark.parametrize("number", ["79927398713", "4539578763621486"])
def test_published_examples(number):
    assert luhn(number)


@given(st.text("0123456789", min_size=18, max_size=18))
def test_check_digits_of_ibans(account):
    good = iban("DE", account)

    assert mod_97(good)
    assert not mod_97(f"{good[:2]}{(int(good[2:4]) + 1) % 100:02}{good[4:]}")
