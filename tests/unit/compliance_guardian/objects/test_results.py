"""A finding in an object keeps its place."""

from compliance_guardian.objects.results import Located
from compliance_guardian.pci.scan import scan


def test_a_place_is_unknown_unless_given():
    [finding] = scan("mia@example.org")

    located = Located(finding, row=3)

    assert (located.row, located.byte, located.line, located.member) == (3, None, None, "")
