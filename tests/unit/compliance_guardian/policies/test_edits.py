"""The places of values, outside of memory."""

import io

from compliance_guardian.objects.reader import Totals
from compliance_guardian.objects.results import Located
from compliance_guardian.pci.findings import Evidence, Finding, Kind
from compliance_guardian.policies.edits import Edits, Span

KINDS = frozenset({"card_number", "track_data"})


def located(kind, byte, size, **place):
    finding = Finding(kind, 0, size or 1, "*", (Evidence("range", "x", 1.0),))
    return Located(finding, byte=byte, size=size, **place)


def noted(found):
    edits = Edits(KINDS, io.BytesIO())
    totals = Totals()

    def read():
        for file, one in found:
            totals.files = file
            yield one

    assert list(edits.noting(read(), totals)) == [one for _, one in found]
    edits.rewind()
    return edits


def test_spans_come_back_by_file():
    edits = noted(
        [
            (1, located(Kind.CARD_NUMBER, 3, 16)),
            (3, located(Kind.CARD_NUMBER, 0, 16)),
            (3, located(Kind.EMAIL, 20, 5)),
        ]
    )

    assert [list(edits.of_file(number)) for number in (1, 2, 3)] == [
        [Span(3, 19, Kind.CARD_NUMBER)],
        [],
        [Span(0, 16, Kind.CARD_NUMBER)],
    ]
    assert edits.count == 2


def test_track_data_is_cut_around_its_number():
    edits = noted([(1, located(Kind.TRACK_DATA, 0, 40)), (1, located(Kind.CARD_NUMBER, 2, 16))])

    assert list(edits.of_file(1)) == [
        Span(0, 2, Kind.TRACK_DATA),
        Span(2, 18, Kind.CARD_NUMBER),
        Span(18, 40, Kind.TRACK_DATA),
    ]


def test_a_value_without_a_place_is_in_a_name():
    assert noted([(1, located(Kind.CARD_NUMBER, None, None, field=""))]).are_in_names
    assert not noted([(1, located(Kind.CARD_NUMBER, None, None, row=1))]).are_in_names
