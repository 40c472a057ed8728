"""What belongs to a card besides its number: magnetic stripe, verification code, expiry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.context import BEGIN, CLOSE
from compliance_guardian.pci.findings import Evidence, Finding, Kind, masked_number
from compliance_guardian.pci.networks import issued

# ISO/IEC 7813: number, separator, name (track 1), expiry YYMM, service code, discretionary data.
_TRACK = re.compile(
    r"%?[Bb](?P<one>\d{12,19})\^[^\^\r\n]{2,26}\^\d{7}[^\r\n?]{0,60}\??"
    r"|;?(?<![0-9])(?P<two>\d{12,19})[=Dd]\d{7}\d{0,20}(?![0-9])\??"
)
# A search for what ends the number costs a tenth of one for the whole.
_TRACK_SIGN = re.compile(r"[0-9](?:\^|[=Dd][0-9])")
_CODE = re.compile(
    rf"{BEGIN}(?:cvv2?|cvc2?|cvn2?|cav2?|cid|csc|(?:card )?"
    r"(?:security|verification)[ _]?(?:code|value|number)"
    r"|pr[uü]f(?:nummer|ziffer)|sicherheitscode|code de s[eé]curit[eé]|cryptogramme"
    r"|c[oó]digo de seguridad)"
    rf"[\s\"'_]*(?:is|ist|est|no|nr)?\.?{CLOSE}(?P<code>\d{{3,4}})(?![0-9]|[.,/\-]\d)",
    re.IGNORECASE,
)
# One of these is in every word of the pattern: a search for them costs a tenth.
CODE_WORDS = (
    "cv",
    "cid",
    "csc",
    "cav",
    "secur",
    "verif",
    "prüf",
    "pruf",
    "sicherh",
    "crypto",
    "curit",
    "segur",
)
_MONTH = r"(?:0?[1-9]|1[0-2])\s?[/\-. ]\s?(?:20)?[2-4]\d(?![0-9]|[.,/\-]\d)"
_EXPIRY = re.compile(
    rf"{BEGIN}(?:exp(?:iry|ires?|iration|\.)?(?:[ _]?date)?|(?:valid"
    r"|good) (?:thru|through|until|to)"
    r"|g[uü]ltig bis"
    r"|ablauf(?:datum)?|verfall(?:sdatum)?|expiraci[oó]n|scadenza"
    r"|date d['\u2019]expiration|valable jusqu['\u2019]au)"
    rf"[\s\"'_]*(?:is|on|ist|am)?{CLOSE}(?P<date>{_MONTH}|(?:0[1-9]|1[0-2])[2-4]\d(?!\d))",
    re.IGNORECASE,
)
EXPIRY_WORDS = ("exp", "valid", "good", "ltig", "ablauf", "verfall", "scaden", "valable")
_BEHIND_NUMBER = re.compile(
    rf"[\s,;|:]{{1,3}}(?P<date>{_MONTH}|(?:0[1-9]|1[0-2])[2-4]\d(?=[\s,;|:]+\d{{3,4}}(?!\d)))"
    r"(?:[\s,;|:]{1,3}(?P<code>\d{3,4})(?![0-9]|[.,/\-]\d))?"
)
_WORD = Evidence("word", "beside it", 2.5)
_NUMBER = Evidence("neighbours", "a card number before", 2.5)


def tracks(text: str) -> Iterator[Finding]:
    """Data of magnetic stripes with a valid card number, and this number by itself."""
    if not _TRACK_SIGN.search(text):
        return
    for match in _TRACK.finditer(text):
        name = "one" if match["one"] else "two"
        network = issued(match[name])
        if network and luhn(match[name]):
            evidence = (
                Evidence("format", f"track {1 if name == 'one' else 2} of ISO/IEC 7813", 3.0),
                Evidence("range", network.network, 0.8),
                Evidence("checksum", "Luhn", 0.7),
            )
            masked = masked_number(match[name])
            yield Finding(Kind.TRACK_DATA, match.start(), match.end(), masked, evidence)
            yield Finding(Kind.CARD_NUMBER, *match.span(name), masked, evidence)


def codes(text: str, numbers: Sequence[Finding]) -> Iterator[Finding]:
    """Verification codes behind a word that announces them, or behind a card's expiry."""
    lower = text.lower()
    if any(word in lower for word in CODE_WORDS):
        for match in _CODE.finditer(text):
            yield _masked(Kind.CVV, match, "code", _WORD)
    for match in _behind(text, numbers):
        if match["code"]:
            yield _masked(Kind.CVV, match, "code", _NUMBER)


def expiries(text: str, numbers: Sequence[Finding]) -> Iterator[Finding]:
    """Month and year behind a word that announces them, or behind a card number."""
    lower = text.lower()
    if any(word in lower for word in EXPIRY_WORDS):
        for match in _EXPIRY.finditer(text):
            yield _masked(Kind.EXPIRY, match, "date", _WORD)
    for match in _behind(text, numbers):
        yield _masked(Kind.EXPIRY, match, "date", _NUMBER)


def _behind(text: str, numbers: Sequence[Finding]) -> Iterator[re.Match[str]]:
    for number in numbers:
        if match := _BEHIND_NUMBER.match(text, number.end):
            yield match


def _masked(kind: Kind, match: re.Match[str], name: str, evidence: Evidence) -> Finding:
    return Finding(
        kind, match.start(name), match.end(name), re.sub(r"\d", "*", match[name]), (evidence,)
    )
