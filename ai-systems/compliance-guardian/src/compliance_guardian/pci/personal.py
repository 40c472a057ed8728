"""Personal data with a fixed form: US social security numbers, e-mail and IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from compliance_guardian.pci.findings import Evidence, Finding, Kind

# ssa.gov: no area 000, 666 or 900 to 999, no group 00, no serial number 0000.
_SSN_PARTS = (
    r"(?!000|666|9)[0-9]{3}(?P<separator>[- .]?)(?!00)[0-9]{2}(?P=separator)(?!0000)[0-9]{4}"
)
_SSN = re.compile(rf"(?<![0-9A-Za-z])(?<![0-9][-. ]){_SSN_PARTS}(?![0-9A-Za-z])(?![-. ][0-9])")
_SSN_WORD = re.compile(
    r"(?<![a-z])(?:ssn|social[ _-]?security|soc\.? ?sec|tax ?payer)", re.IGNORECASE
)
_SSN_BEFORE = 40
# RFC 5321 and the addresses that people really have: a dot-atom, at a domain with a letter top.
_EMAIL = re.compile(
    r"(?<![\w.+\-])[\w.!#$%&'*+/=?^`{|}~\-]{1,64}@(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w\-])"
)
_EMAIL_EDGE = "'\"`*_({[<=/|.~!?&#"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(
    rf"(?<![\w.\-])(?:{_OCTET}\.){{3}}{_OCTET}"
    r"(?![\w\-])(?!\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])")
_VERSION = re.compile(r"(?i)(?:version|release|v|ver\.?|firmware|build|section|chapter|§)\W{0,3}\Z")


def social_security_numbers(text: str) -> Iterator[Finding]:
    """US social security numbers: with dashes by their form, else beside a word."""
    if "-" not in text and not _SSN_WORD.search(text):
        return
    for match in _SSN.finditer(text):
        before = text[max(0, match.start() - _SSN_BEFORE) : match.start()]
        word = _SSN_WORD.search(before)
        if not word and match["separator"] != "-":
            continue
        evidence = [Evidence("format", "area, group and serial number", 0.8)]
        if word:
            evidence.append(Evidence("word", word.group().lower(), 2.5))
        masked = f"***-**-{match.group()[-4:]}"
        yield Finding(Kind.US_SSN, match.start(), match.end(), masked, tuple(evidence))


def email_addresses(text: str) -> Iterator[Finding]:
    """E-mail addresses."""
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        name, _, domain = match.group().rpartition("@")
        kept = name.lstrip(_EMAIL_EDGE)
        if not kept or kept.endswith(".") or ".." in kept:
            continue
        start = match.end() - len(kept) - 1 - len(domain)
        evidence = (Evidence("format", "an address at a domain", 3.0),)
        yield Finding(Kind.EMAIL, start, match.end(), f"{kept[0]}***@{domain}", evidence)


def ip_addresses(text: str) -> Iterator[Finding]:
    """IPv4 and IPv6 addresses of hosts; those of the machine itself and of no host are nobody's."""
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if _VERSION.search(text[max(0, match.start() - 12) : match.start()]):
                continue
            if _is_host(match.group()):
                masked = f"{match.group().rpartition('.')[0]}.*"
                yield _address(match, "IPv4", masked)
    if text.count(":") >= 2:
        for match in _IPV6.finditer(text):
            candidate = match.group()
            if candidate.count(":") < 2 or not any(map(str.isalnum, candidate)):
                continue
            if len(candidate.replace(":", "")) >= 4 and _is_host(candidate):
                masked = f"{':'.join(candidate.split(':')[:2])}:*"
                yield _address(match, "IPv6", masked)


def _address(match: re.Match[str], version: str, masked: str) -> Finding:
    evidence = (Evidence("format", version, 1.5),)
    return Finding(Kind.IP_ADDRESS, match.start(), match.end(), masked, evidence)


def _is_host(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or text.startswith(("0.", "255."))
    )
