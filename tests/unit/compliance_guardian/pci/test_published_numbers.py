"""Published test numbers are nobody's card."""

from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.networks import issued
from compliance_guardian.pci.published_numbers import PUBLISHED
from compliance_guardian.pci.scan import scan


def test_none_of_them_is_a_finding():
    assert [n for n in PUBLISHED if scan(f"my card is {n}")] == []


def test_each_would_be_one_if_it_were_not_published():
    assert len(PUBLISHED) > 80
    assert [n for n in PUBLISHED if not luhn(n) or issued(n) is None] == []
