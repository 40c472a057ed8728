"""Which network issues a number."""

import pytest

from compliance_guardian.pci.networks import MAX_DIGITS, MIN_DIGITS, NETWORKS, Issued, issued


@pytest.mark.parametrize(
    ("prefix", "length", "network", "is_usual"),
    [
        ("4", 16, "Visa", True),
        ("4", 13, "Visa", False),
        ("4", 19, "Visa", False),
        ("2221", 16, "Mastercard", True),
        ("2720", 16, "Mastercard", True),
        ("37", 15, "American Express", True),
        ("36", 14, "Diners Club", True),
        ("3589", 16, "JCB", True),
        ("62", 19, "UnionPay", False),
        ("5018", 12, "Maestro", False),
        ("2204", 16, "Mir", True),
        ("6334", 18, "Solo", False),
        ("2149", 15, "Diners Club enRoute", False),
    ],
)
def test_ranges_and_lengths(prefix, length, network, is_usual):
    found = issued(prefix.ljust(length, "0"))

    assert found is not None
    assert (found.network, found.is_usual) == (network, is_usual)


@pytest.mark.parametrize(
    ("prefix", "length"), [("0", 16), ("2220", 16), ("2721", 16), ("7", 16), ("34", 16), ("4", 15)]
)
def test_nobody_issues_others(prefix, length):
    assert issued(prefix.ljust(length, "0")) is None


def test_every_length_is_one_of_a_card():
    assert all(
        MIN_DIGITS <= length <= MAX_DIGITS for n in NETWORKS for length in (*n.usual, *n.other)
    )


@pytest.mark.parametrize("prefix", ["506699", "506750", "506778"])
def test_elo_begins_before_5067(prefix):
    assert issued(f"{prefix}0000000000") == Issued("Elo", True)
