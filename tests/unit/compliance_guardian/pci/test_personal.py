"""Social security numbers, e-mail and IP addresses."""

import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance_guardian.pci.personal import (
    email_addresses,
    ip_addresses,
    social_security_numbers,
)


def values(find, text):
    return [text[f.start : f.end] for f in find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is 123-45-6789.", ["123-45-6789"]),
        ("SSN 123456789", ["123456789"]),
        ("social security: 123 45 6789", ["123 45 6789"]),
        ("123456789", []),
        ("000-45-6789", []),
        ("666-45-6789", []),
        ("912-45-6789", []),
        ("123-00-6789", []),
        ("123-45-0000", []),
        ("1-123-45-6789", []),
        ("123-45-67890", []),
    ],
)
def test_social_security_numbers(text, expected):
    assert values(social_security_numbers, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<mia@example.org>", ["mia@example.org"]),
        ("write to mia.b+shop@mail.example.co.uk.", ["mia.b+shop@mail.example.co.uk"]),
        ("jürgen@bücher.example", ["jürgen@bücher.example"]),
        ("mailto:mia@example.org?subject=x", ["mia@example.org"]),
        ("mia@localhost", []),
        ("@mia", []),
        ("3 mugs @ 4.50", []),
    ],
)
def test_email_addresses(text, expected):
    assert values(email_addresses, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 192.0.2.17, twice", ["192.0.2.17"]),
        ("203.0.113.9:8080", ["203.0.113.9"]),
        ("2001:db8::8a2e:370:7334", ["2001:db8::8a2e:370:7334"]),
        ("version 1.2.3.4", []),
        ("1.2.3.4.5", []),
        ("300.1.1.1", []),
        ("127.0.0.1 and ::1", []),
        ("12:30:45", []),
        ("std::vector", []),
    ],
)
def test_ip_addresses(text, expected):
    assert values(ip_addresses, text) == expected


@given(st.tuples(*[st.integers(0, 255)] * 4))
def test_every_address_of_a_host_is_found_whole(octets):
    address = ipaddress.IPv4Address(bytes(octets))
    assume(octets[0] not in (0, 127, 255) and not address.is_multicast)

    assert values(ip_addresses, f"from {address} now") == [str(address)]
