"""Values made unreadable."""

import base64

import pytest

from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import scan
from compliance_guardian.policies.values import Replacement, WeakKeyError

KEY = b"k" * 32
MASK, HASH = Replacement(), Replacement(KEY)
CARD = Kind.CARD_NUMBER
NUMBER = "4539578763621486"
SPELLINGS = [
    NUMBER,
    "4539 5787 6362 1486",
    "4539-5787-6362-1486",
    "４５３９５７８７６３６２１４８６",
    "4539\u00a05787\u00a06362\u00a01486",
    "45395787\r\n63621486",
]


@pytest.mark.parametrize("value", SPELLINGS)
def test_a_mask_has_the_length_and_the_separators_of_the_value(value):
    masked = MASK.of(value, CARD)

    assert len(masked) == len(value)
    assert [c for c in masked if not c.isdigit() and c != "*"] == [
        c for c in value if not c.isdigit()
    ]
    assert sum(c.isdigit() for c in masked) == 10


def test_below_16_digits_a_mask_shows_the_last_four():
    assert MASK.of("371449635398456", CARD) == "***********8456"


@pytest.mark.parametrize("value", SPELLINGS)
def test_every_spelling_has_one_token(value):
    token = HASH.of(value, CARD).strip()

    assert token == HASH.of_number(NUMBER, CARD)
    assert len(token) == 18
    assert token.startswith("9")
    assert scan(f"card number {token}") == []


def test_tokens_differ_with_number_and_key():
    tokens = {
        HASH.of(NUMBER, CARD),
        HASH.of("5425233430109903", CARD),
        Replacement(b"x" * 32).of(NUMBER, CARD),
    }
    assert len(tokens) == 3
    assert len({MASK.version, HASH.version, Replacement(b"x" * 32).version}) == 3


@pytest.mark.parametrize(
    "number", [NUMBER, "371449635398431", "36227206271667", "6304000000000000"]
)
def test_a_number_stays_one_without_a_valid_check_digit(number):
    masked = MASK.of_number(number, CARD)

    assert len(masked) == len(str(int(masked))) == len(number)
    assert not luhn(masked)
    assert masked.endswith(number[-4:])


def test_base64_stays_base64_and_keeps_what_is_around():
    text = f"the card {NUMBER} of x"
    packed = base64.b64encode(text.encode()).decode()
    found = scan(packed)

    masked = base64.b64decode(MASK.in_text(packed, found)).decode()
    hashed = base64.b64decode(HASH.in_text(packed, found)).decode()

    assert masked == "the card 453957******1486 of x"
    assert HASH.of_number(NUMBER, CARD) in hashed
    assert NUMBER not in hashed


@pytest.mark.parametrize(
    "value",
    ["%34539578763621486", "4539%205787%206362%201486", "\\u0034539578763621486"],
)
def test_escapes_are_covered_whole(value):
    [found] = scan(f"card {value}")

    assert set(MASK.of(value, CARD, "escaped")) == {"*"}
    assert HASH.in_text(f"card {value}", [found]) == f"card {HASH.of_number(NUMBER, CARD)}"


def test_what_is_no_card_number_is_covered_with_or_without_a_key():
    assert MASK.of("123", Kind.CVV) == HASH.of("123", Kind.CVV) == "***"
    assert MASK.of_number("123", Kind.CVV) == "0"


def test_a_short_key_is_refused():
    with pytest.raises(WeakKeyError, match="pan-hash-key"):
        Replacement(b"short")
