"""Scans a text, and the texts encoded in it, for all kinds of data."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from compliance_guardian.pci import bank_accounts, card_data, cards, personal, phones
from compliance_guardian.pci.characters import plain
from compliance_guardian.pci.encodings import inner_texts
from compliance_guardian.pci.findings import Evidence, Finding, Kind

ALL_KINDS = frozenset(Kind)
_RULES_VERSION = "1.0"
_DEPTH = 3
"""How many encodings may lie inside each other."""

# Nothing is found in a text without one of these.
_POSSIBLE = re.compile(r"[0-9@]|::")
_CARD_KINDS = frozenset({Kind.CARD_NUMBER, Kind.TRACK_DATA, Kind.CVV, Kind.EXPIRY})
# Which kind a piece of text is, where several find it: the first.
_PRECEDENCE = (
    Kind.CARD_NUMBER,
    Kind.IBAN,
    Kind.EMAIL,
    Kind.US_SSN,
    Kind.IP_ADDRESS,
    Kind.PHONE,
    Kind.CVV,
    Kind.EXPIRY,
)
_Find: TypeAlias = Callable[[str], Iterator[Finding]]
_OTHERS: dict[Kind, _Find] = {
    Kind.EMAIL: personal.email_addresses,
    Kind.US_SSN: personal.social_security_numbers,
    Kind.IP_ADDRESS: personal.ip_addresses,
    Kind.PHONE: phones.find,
}


@cache
def version() -> str:
    """The version of the rules, with a hash of the modules that hold them."""
    digest = hashlib.sha256()
    for module in sorted(files(__package__).iterdir(), key=lambda path: path.name):
        if module.name.endswith(".py"):
            digest.update(module.read_bytes())
    return f"pci-{_RULES_VERSION}-{digest.hexdigest()[:12]}"


def scan(
    text: str, kinds: frozenset[Kind] = ALL_KINDS, *, is_strict: bool = False
) -> list[Finding]:
    """What a text holds, in order of position. No two findings overlap, but for track data and the
    card number in it. `is_strict`: see `cards.find`."""
    return _scan(text, kinds, is_strict, _DEPTH)


def _scan(text: str, kinds: frozenset[Kind], is_strict: bool, depth: int) -> list[Finding]:
    simple = plain(text)
    found = _found(simple, kinds, is_strict) if _POSSIBLE.search(simple) else []
    if depth:
        for inner in inner_texts(simple):
            for finding in _scan(inner.text, kinds, is_strict, depth - 1):
                start, end = inner.places[finding.start], inner.ends[finding.end - 1]
                seen = Evidence("encoding", inner.encoding, 0.0)
                found.append(
                    Finding(finding.kind, start, end, finding.masked, (*finding.evidence, seen))
                )
        if len(found) > 1:
            found = _without_overlaps(found)
    return found


@dataclass(frozen=True)
class _Wanted:
    """What finds some kinds."""

    cards: bool
    tracks: bool
    codes: bool
    expiries: bool
    accounts: bool
    others: tuple[_Find, ...]


@cache
def _wanted(kinds: frozenset[Kind]) -> _Wanted:
    return _Wanted(
        cards=bool(kinds & _CARD_KINDS),
        tracks=bool(kinds & {Kind.CARD_NUMBER, Kind.TRACK_DATA}),
        codes=Kind.CVV in kinds,
        expiries=Kind.EXPIRY in kinds,
        accounts=Kind.IBAN in kinds,
        others=tuple(find for kind, find in _OTHERS.items() if kind in kinds),
    )


def _found(text: str, kinds: frozenset[Kind], is_strict: bool) -> list[Finding]:
    wanted = _wanted(kinds)
    found: list[Finding] = []
    numbers = list(cards.find(text, is_strict=is_strict)) if wanted.cards else []
    # An IBAN may hold digits that are a card number too.
    accounts = list(bank_accounts.find(text)) if numbers or wanted.accounts else []
    if accounts:
        numbers = _outside(numbers, accounts)
        found += accounts
    found += numbers
    if wanted.tracks:
        found += card_data.tracks(text)
    if wanted.codes:
        found += card_data.codes(text, numbers)
    if wanted.expiries:
        found += card_data.expiries(text, numbers)
    for find in wanted.others:
        found += find(text)
    if found:
        found = [finding for finding in found if finding.kind in kinds]
    return _without_overlaps(found) if len(found) > 1 else found


def _outside(numbers: Sequence[Finding], accounts: Sequence[Finding]) -> list[Finding]:
    """The numbers that are in none of the accounts, which come in order."""
    ends = [account.end for account in accounts]
    found = []
    for number in numbers:
        next_one = bisect_right(ends, number.start)
        if next_one == len(accounts) or accounts[next_one].start >= number.end:
            found.append(number)
    return found


def _without_overlaps(found: Iterable[Finding]) -> list[Finding]:
    """Of findings in the same place the first by precedence, then the longest."""
    kept: list[Finding] = []
    taken: list[tuple[int, int]] = []
    ranked = sorted(
        (f for f in found if f.kind is not Kind.TRACK_DATA),
        key=lambda f: (_PRECEDENCE.index(f.kind), f.start - f.end),
    )
    for finding in ranked:
        place = bisect_left(taken, (finding.start, finding.end))
        if place and taken[place - 1][1] > finding.start:
            continue
        if place < len(taken) and taken[place][0] < finding.end:
            continue
        taken.insert(place, (finding.start, finding.end))
        kept.append(finding)
    tracks = {(f.start, f.end): f for f in found if f.kind is Kind.TRACK_DATA}
    return sorted([*kept, *tracks.values()], key=lambda f: (f.start, -f.end))
