"""IBANs: country, length, check digits (ISO 13616)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance_guardian.pci.characters import ZERO_WIDTH
from compliance_guardian.pci.checksums import mod_97
from compliance_guardian.pci.findings import Evidence, Finding, Kind

# SWIFT, IBAN Registry, release 99: length of an IBAN by country.
LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG YE",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_CANDIDATE = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}[0-9]{{2}}(?:[ \-.{ZERO_WIDTH}]{{0,2}}[A-Za-z0-9]){{11,30}}"
)


def find(text: str) -> Iterator[Finding]:
    """The IBANs in a text in plain form. What follows one may look as if it belonged to it."""
    position = 0
    while match := _CANDIDATE.search(text, position):
        position = match.start() + 2
        length = LENGTHS.get(match.group()[:2].upper())
        if length is None:
            continue
        taken, size = _first(match.group(), length)
        end = match.start() + size
        number = taken.upper()
        if len(number) == length and not text[end : end + 1].isalnum() and mod_97(number):
            position = end
            evidence = (
                Evidence("format", f"{number[:2]}, {length} characters", 1.5),
                Evidence("checksum", "modulo 97", 3.5),
            )
            masked = f"{number[:4]}{'*' * (length - 8)}{number[-4:]}"
            yield Finding(Kind.IBAN, match.start(), end, masked, evidence)


def _first(text: str, length: int) -> tuple[str, int]:
    """The first letters and digits of a text, and where they end in it."""
    taken: list[str] = []
    for index, character in enumerate(text):
        if character.isalnum():
            taken.append(character)
            if len(taken) == length:
                return "".join(taken), index + 1
    return "".join(taken), len(text)
