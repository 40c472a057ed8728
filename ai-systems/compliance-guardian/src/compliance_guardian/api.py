"""The routes of the API: request in, domain call, answer out."""

from __future__ import annotations

from collections.abc import Iterator

from compliance_guardian import fraud_api, posture_api
from compliance_guardian.pci.findings import Finding
from compliance_guardian.pci.scan import ALL_KINDS, scan, version
from compliance_guardian.schemas import (
    MAX_FINDINGS,
    FoundItem,
    Reason,
    ScanAnswer,
    ScannedText,
    ScanRequest,
)
from lambda_app.http import HttpApp

# 1,000 payments with their features.
_MAX_BODY_BYTES = 4 * 1024**2

app = HttpApp(title="compliance-guardian", version="1.0.0", max_body_bytes=_MAX_BODY_BYTES)
app.include_router(fraud_api.router)
app.include_router(posture_api.router)


@app.post("/compliance/scans", summary="Scan texts for card data and personal data")
def scan_texts(request: ScanRequest) -> ScanAnswer:
    """Say what each text holds, where, and why; numbers are masked."""
    texts = [request.text] if request.text is not None else request.texts or []
    kinds = frozenset(request.kinds) if request.kinds else ALL_KINDS
    left = MAX_FINDINGS
    results = []
    for text in texts:
        found = scan(text, kinds)
        items = list(_items(text, found[:left]))
        left -= len(items)
        results.append(ScannedText(found=len(found), findings=items))
    is_truncated = any(len(result.findings) < result.found for result in results)
    return ScanAnswer(model_version=version(), is_truncated=is_truncated, results=results)


def _items(text: str, found: list[Finding]) -> Iterator[FoundItem]:
    byte = done = 0
    line, line_start = 1, 0
    for finding in found:
        between = text[done : finding.start]
        byte += len(between.encode())
        line += between.count("\n")
        line_start = text.rfind("\n", 0, finding.start) + 1 if "\n" in between else line_start
        done = finding.start
        yield FoundItem(
            kind=finding.kind,
            start=finding.start,
            end=finding.end,
            byte=byte,
            line=line,
            column=finding.start - line_start + 1,
            masked=finding.masked,
            confidence=finding.confidence,
            reasons=[
                Reason(reason=one.reason, detail=one.detail, weight=one.weight)
                for one in finding.evidence
            ],
        )
