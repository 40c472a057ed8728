"""The routes of compliance-guardian, without HTTP."""

from compliance_guardian import api
from compliance_guardian.api import scan_texts
from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import version
from compliance_guardian.schemas import ScanRequest

NUMBER = "4539578763621486"


def test_findings_have_places_and_reasons_and_no_number():
    answer = scan_texts(ScanRequest(text=f"grüße\n an mia@example.org, card {NUMBER}"))

    [result] = answer.results
    assert [(one.kind, one.line, one.column) for one in result.findings] == [
        (Kind.EMAIL, 2, 5),
        (Kind.CARD_NUMBER, 2, 27),
    ]
    assert result.findings[0].byte == result.findings[0].start + 2
    assert {one.reason for one in result.findings[1].reasons} >= {"range", "checksum", "word"}
    assert NUMBER not in answer.model_dump_json()
    assert answer.model_version == version()


def test_each_text_has_its_result():
    answer = scan_texts(ScanRequest(texts=["", f"card {NUMBER}", "none"]))

    assert [result.found for result in answer.results] == [0, 1, 0]


def test_only_kinds_asked_for():
    answer = scan_texts(ScanRequest(text=f"a@b.example {NUMBER}", kinds=[Kind.EMAIL]))

    assert [one.kind for one in answer.results[0].findings] == [Kind.EMAIL]


def test_answers_are_bounded(monkeypatch):
    monkeypatch.setattr(api, "MAX_FINDINGS", 3)

    answer = scan_texts(ScanRequest(texts=["a@b.example c@d.example"] * 3))

    assert [(r.found, len(r.findings)) for r in answer.results] == [(2, 2), (2, 1), (2, 0)]
    assert answer.is_truncated
