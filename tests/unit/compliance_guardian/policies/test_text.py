"""Copies of texts: every other byte as it was."""

import io
import json

import pytest

from compliance_guardian.objects.reader import Totals, find
from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import scan
from compliance_guardian.policies.edits import Edits, Span
from compliance_guardian.policies.text import in_json, rewrite
from compliance_guardian.policies.values import Replacement

NUMBER, SHOWN = "4539578763621486", "453957******1486"


def copy(body: bytes) -> bytes:
    edits, totals, target = Edits(frozenset(Kind), io.BytesIO()), Totals(), io.BytesIO()
    for _ in edits.noting(find(io.BytesIO(body), totals), totals):
        pass
    edits.rewind()
    rewrite(io.BytesIO(body), target, edits.of_file(1), Replacement())
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        'id;näme;card\r\n1;"ü ""x""";{}\r\n2;y;{}\r\n',
        "id\tcard\n1\t{}\n2\t{}",
        "Grüße,\n\ndie Karte {} und\n {} .\n",
    ],
)
def test_only_the_values_change(text, encoding):
    assert copy(text.format(NUMBER, NUMBER).encode(encoding)) == text.format(SHOWN, SHOWN).encode(
        encoding
    )


def test_a_number_of_json_stays_a_number_and_a_text_a_text():
    lines = [{"card": int(NUMBER), "n": 1}, {"note": f'a "card" \\ {NUMBER}, x', "cvv": 123}]
    body = "\n".join(map(json.dumps, lines)).encode()

    first, second = map(json.loads, copy(body).splitlines())

    assert first == {"card": 4539570000001486, "n": 1}
    assert second == {"note": f'a "card" \\ {SHOWN}, x', "cvv": 0}
    assert len(copy(body)) == len(body)


def test_a_number_in_a_cell_of_a_sheet_stays_a_number():
    target = io.BytesIO()
    body = f"<v>{NUMBER}</v>".encode()

    rewrite(io.BytesIO(body), target, [Span(3, 19, Kind.CARD_NUMBER)], Replacement())

    assert target.getvalue() == b"<v>4539570000001486</v>"


def test_damaged_utf_16_is_refused():
    body = b"\xff\xfe\x00\xd8a\x00"

    with pytest.raises(UnreadableError, match="UTF-16"):
        rewrite(io.BytesIO(body), io.BytesIO(), [], Replacement())


def test_findings_in_a_json_text():
    text = json.dumps({"é card": int(NUMBER)}, ensure_ascii=False)

    assert json.loads(in_json(text, scan(text), Replacement())) == {"é card": 4539570000001486}
