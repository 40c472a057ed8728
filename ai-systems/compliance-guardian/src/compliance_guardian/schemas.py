"""Requests and answers of the API."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from compliance_guardian.pci.findings import Kind

MAX_TEXT = 100_000
MAX_TEXTS = 1_000
MAX_FINDINGS = 1_000

Text = Annotated[str, Field(max_length=MAX_TEXT, description="A text to scan")]


class ScanRequest(BaseModel):
    """One text, or a list of them; `kinds` are those to look for, all if it is left out."""

    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | None = None
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=len(Kind))] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise ValueError("give either text or texts")
        return self


class Reason(BaseModel):
    """A reason for or against a finding."""

    reason: Annotated[str, Field(description="Such as range, checksum, grouping, word")]
    detail: str
    weight: Annotated[float, Field(description="What it adds to the logarithm of the odds")]


class FoundItem(BaseModel):
    """A finding and its place. The value itself is never in an answer."""

    kind: Kind
    start: Annotated[int, Field(description="First character, from 0 (code points)")]
    end: Annotated[int, Field(description="Behind the last character")]
    byte: Annotated[int, Field(description="Offset of the first character in UTF-8")]
    line: Annotated[int, Field(description="Line, from 1")]
    column: Annotated[int, Field(description="Character of the line, from 1")]
    masked: Annotated[str, Field(description="All of the value that may be shown")]
    confidence: Annotated[float, Field(ge=0, le=1, description="Probability by the reasons")]
    reasons: list[Reason]


class ScannedText(BaseModel):
    """The findings of one text; `found` counts all, of which the first are listed."""

    found: int
    findings: list[FoundItem]


class ScanAnswer(BaseModel):
    """One entry for each text, in their order. An answer lists 1,000 findings at most."""

    model_version: str
    is_truncated: Annotated[bool, Field(description="Whether findings are counted, not listed")]
    results: list[ScannedText]
