from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.checksums import iban, is_iban, is_luhn, luhn_digit


@pytest.mark.parametrize(
    "number", ["4111111111111111", "378282246310005", "5555555555554444", "79927398713"]
)
def test_published_card_numbers_are_valid(number: str) -> None:
    assert is_luhn(number)
    assert luhn_digit(number[:-1]) == number[-1]


@pytest.mark.parametrize(
    "text", ["GB82WEST12345698765432", "DE89370400440532013000", "NL91ABNA0417164300"]
)
def test_published_ibans_are_valid(text: str) -> None:
    assert is_iban(text)
    assert iban(text[:2], text[4:]) == text


@given(st.integers(10**8, 10**18 - 1), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_found(number: int, at: int, wrong: int) -> None:
    digits = str(number)
    card = digits + luhn_digit(digits)
    account = iban("DE", digits.zfill(18))

    assert is_luhn(card)
    assert not is_luhn(_changed(card, at, wrong))
    assert is_iban(account)
    assert not is_iban(_changed(account, len(account) - 1 - at, wrong))


def _changed(text: str, at: int, by: int) -> str:
    return f"{text[:at]}{(int(text[at]) + by) % 10}{text[at + 1 :]}"
