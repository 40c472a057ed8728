"""One value made unreadable: masked, or a card number hashed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from compliance_guardian.pci import cards
from compliance_guardian.pci.characters import plain
from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.encodings import inner_texts
from compliance_guardian.pci.findings import Finding, Kind, masked_number
from compliance_guardian.pci.scan import scan

MIN_KEY_BYTES = 32
"""Shortest key: as many bytes as a hash of SHA-256 has (RFC 2104, section 3)."""
_TOKEN_DIGITS = 17
_DEPTH = 3
_LINE_ENDS = "\r\n"


class WeakKeyError(Exception):
    """The key is too short; the message says what to do."""


def encoding_of(finding: Finding) -> str:
    """How the text writes the value: "", or the outermost encoding around it."""
    last = finding.evidence[-1]
    return last.detail if last.reason == "encoding" else ""


@dataclass(frozen=True)
class Replacement:
    """The text in place of a value. With a key card numbers become tokens, else masks.

    A token is `9` and 17 digits of the HMAC-SHA-256 of the number's digits: the same for every
    spelling, a valid integer of 64 bits, and never a card number, as no network issues 18 digits
    that begin with 9. A mask has the length of the value and shows what `masked_number` shows.
    """

    key: bytes | None = None

    def __post_init__(self) -> None:
        if self.key is not None and len(self.key) < MIN_KEY_BYTES:
            raise WeakKeyError(
                f"The key for hashes has {len(self.key)} bytes; store at least {MIN_KEY_BYTES} "
                "random ones in the secret pan-hash-key."
            )

    @property
    def version(self) -> str:
        """Tells one key from another, and tells nothing else of it; "" without a key."""
        return hmac.new(self.key, b"version", hashlib.sha256).hexdigest()[:16] if self.key else ""

    def in_text(self, text: str, findings: Iterable[Finding]) -> str:
        """The text with its findings, in order of position, replaced."""
        pieces: list[str] = []
        done = 0
        for finding in findings:
            start = max(finding.start, done)
            if start >= finding.end:
                continue
            value = text[start : finding.end]
            pieces += [text[done:start], self.of(value, finding.kind, encoding_of(finding))]
            done = finding.end
        return "".join([*pieces, text[done:]])

    def of(self, value: str, kind: Kind, encoding: str = "") -> str:
        """What a text has in place of a value, whose line ends it keeps."""
        if encoding == "base64":
            return self._in_base64(value, kind)
        if kind is Kind.CARD_NUMBER:
            if self.key is not None and (digits := _digits(value)):
                return self._token(digits) + "".join(c for c in value if c in _LINE_ENDS)
            if not encoding:
                return _masked(value)
        if encoding:
            # An escape with a star in it would be none.
            return re.sub(r"[^\r\n]", "*", value)
        return _covered(value)

    def of_number(self, digits: str, kind: Kind) -> str:
        """What takes the place of digits where only a number may stand, at most as long in a mask.

        Zeros take the place of what a mask hides, and a one where they would pass the checksum or
        begin the number.
        """
        if kind is not Kind.CARD_NUMBER:
            return "0"
        if self.key is not None:
            return self._token(digits)
        hidden = list(masked_number(digits))
        last = len(hidden) - 1 - hidden[::-1].index("*")
        for fill in "01":
            shown = ["0" if digit == "*" else digit for digit in hidden]
            shown[0] = "1" if hidden[0] == "*" else hidden[0]
            shown[last] = fill
            if not luhn("".join(shown)):
                break
        return "".join(shown)

    def _token(self, digits: str) -> str:
        key = self.key or b""
        digest = hmac.new(key, digits.encode(), hashlib.sha256).digest()
        return f"9{int.from_bytes(digest) % 10**_TOKEN_DIGITS:0{_TOKEN_DIGITS}}"

    def _in_base64(self, value: str, kind: Kind) -> str:
        letters = "".join(c for c in value if c not in "=\r\n")
        standard = letters.translate(str.maketrans("-_", "+/"))
        inner = base64.b64decode(standard + "=" * (-len(standard) % 4)).decode("ascii")
        found = scan(inner, frozenset({kind}), is_strict=True)
        replaced = self.in_text(inner, found) if found else _covered(inner)
        if len(replaced) != len(inner):
            # What follows begins with a group of three of its own.
            replaced += " " * (-len(replaced) % 3)
        packed = base64.b64encode(replaced.encode()).decode().rstrip("=")
        if standard != letters:
            packed = packed.translate(str.maketrans("+/", "-_"))
        left = iter(packed)
        kept = [c if c in "=\r\n" else next(left, "") for c in value]
        ends = "".join(kept)
        if len(replaced) != len(inner):
            ends = ends.replace("=", "")
        return ends + "".join(left)


def _digits(value: str, depth: int = _DEPTH) -> str | None:
    """The digits of the card number that a value is or encodes."""
    simple = plain(value)
    for number in cards.find(simple, is_strict=True):
        return "".join(filter(str.isdigit, simple[number.start : number.end]))
    for inner in inner_texts(value) if depth else ():
        if digits := _digits(inner.text, depth - 1):
            return digits
    return None


def _masked(value: str) -> str:
    """The value with those of its digits hidden that may not be shown."""
    simple = plain(value)
    digits = "".join(filter(str.isdigit, simple))
    shown = iter(masked_number(digits))
    return "".join(
        "*" if character.isdigit() and next(shown) == "*" else original
        for character, original in zip(simple, value, strict=True)
    )


def _covered(value: str) -> str:
    return "".join("*" if character.isalnum() else character for character in value)
