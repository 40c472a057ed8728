"""What may be shown of a number, and how sure a finding is."""

import pytest

from compliance_guardian.pci.findings import Evidence, Finding, Kind, masked_number


@pytest.mark.parametrize(
    ("digits", "masked"),
    [
        ("4539578763621486", "453957******1486"),
        ("4539578763621486012", "453957*********6012"),
        ("379466389434859", "***********4859"),
        ("501812345678", "********5678"),
    ],
)
def test_first_six_and_last_four_only_from_16_digits(digits, masked):
    assert masked_number(digits) == masked


def test_confidence_is_what_the_weights_add_up_to():
    finding = Finding(Kind.EMAIL, 0, 1, "*", (Evidence("a", "", 1.0), Evidence("b", "", -1.0)))

    assert finding.confidence == 0.5
