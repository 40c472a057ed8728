"""Documents that hold no number any more."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance_guardian.pci.published_numbers import PUBLISHED
from compliance_guardian.pci.redaction import redacted, redacted_text
from shop.checksums import luhn_digit

NUMBER = "4539578763621486"


@pytest.mark.parametrize(
    "text", [f"orders/{NUMBER}.csv", f"order {NUMBER}", f"{NUMBER}, {NUMBER}", f"cvv 1 {NUMBER}"]
)
def test_whatever_could_be_a_card_is_masked(text):
    assert NUMBER not in redacted_text(text)
    assert "453957******1486" in redacted_text(text)


def test_names_numbers_and_lists_too():
    assert redacted({NUMBER: [int(NUMBER), {"a": (NUMBER,)}], "b": True, "c": 1.5}) == {
        "453957******1486": ["453957******1486", {"a": ["453957******1486"]}],
        "b": True,
        "c": 1.5,
    }


@given(st.text("0123456789", min_size=14, max_size=14))
def test_no_card_survives_in_a_key(digits):
    body = f"5{int(digits[0]) % 5 + 1}{digits[1:]}"
    number = body + luhn_digit(body)
    assume(number not in PUBLISHED)

    assert number not in redacted_text(f"in/{number}.csv")
