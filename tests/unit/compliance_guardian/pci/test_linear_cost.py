"""A scan does work in proportion to its text, whatever the text: counted, not timed."""

import base64

import pytest

from compliance_guardian.pci.scan import scan
from steps import steps

NUMBER = "4539 5787 6362 1486"

# Repeated, each is hard for some rule.
PIECES = {
    "account and card": f"IBAN DE89 3704 0044 0532 0130 00; card {NUMBER}.\n",
    "card": f"{NUMBER} ",
    "track data": "%B4539578763621486^DOE/JOHN^2512101?;4539578763621486=2512101? ",
    "begin of a track": "%B4539578763621486^",
    "code": "cvv 123 ",
    "expiry": "valid thru 01/29 ",
    "mail": "mia@b.example ",
    "at": "a@",
    "address": "192.0.2.17 2001:db8::1 ",
    "phone": "tel +44 7700 900123 ",
    "social security": "ssn 123-45-6789 ",
    "base64": base64.b64encode(NUMBER.encode()).decode() + "\n",
    "escapes": "%34%35&#52;\\u0034",
    "tags": "<b>4",
    "zero-width": "4\u200b",
    "digit": "4",
    "digits apart": "4539 ",
    "divided by lines": "4539\n",
    "full-width": "４５３９",
    "word": "abcdefghijklmnop",
}


@pytest.mark.parametrize("piece", PIECES)
def test_ten_times_the_text_takes_ten_times_the_steps(piece):
    few, many = (steps(lambda n=n: scan(PIECES[piece] * n)) for n in (50, 500))

    assert many <= 10 * few + 500
