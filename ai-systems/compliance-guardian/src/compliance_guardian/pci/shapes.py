"""Where digits stand in a text as those of a card do: together, in a card's groups, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from compliance_guardian.pci.characters import ZERO_WIDTH
from compliance_guardian.pci.networks import MAX_DIGITS, MIN_DIGITS

GROUPINGS = {
    (4, 4, 4, 4),
    (4, 4, 4, 4, 3),
    (4, 4, 4, 4, 2),
    (4, 4, 4, 4, 1),
    (4, 4, 4, 7),
    (4, 4, 4, 6),
    (4, 4, 4, 5),
    (4, 4, 4, 3),
    (4, 4, 4, 2),
    (4, 4, 4, 1),
    (4, 4, 4),
    (4, 4, 5),
    (4, 6, 5),
    (4, 6, 4),
    (4, 3, 3, 3),
    (6, 13),
}
# Two digits at a time, or groups of a card's together: seen, but also in lists of numbers.
_RARE_GROUPINGS = {
    *((2,) * n for n in range(6, 10)),
    *((8, 8), (6, 10), (4, 12), (8, 4, 4), (4, 8, 4), (4, 4, 8)),
    *((4, 11), (10, 5), (4, 10), (10, 4)),
}

_BETWEEN = r"[\W_]{1,5}"
# The end of a line, with a dash and the marks of a quoted text: it may cut a group in two.
_LINE_END = r"[ \-]?=?\r?\n[ >]{0,5}"
_PART = r"(?:[ .\-_][0-9]{1,6}){0,3}"
GROUPED = (
    r"(?:[0-9]{3}S(?:[0-9]{4}S(?:[0-9]{8}|[0-9]{4,5}(?:S[0-9]{1,7}(?:S[0-9]{1,3})?)?)"
    r"|[0-9]{6}S[0-9]{4,5}|[0-9]{3}S[0-9]{3}S[0-9]{3}|[0-9]{8}S[0-9]{4}|[0-9]{10,12})"
    r"|[0-9]{5}S[0-9]{10,13}|[0-9]{7}S(?:[0-9]{8}|[0-9]{4}S[0-9]{4})|[0-9]{9}S[0-9]{4,5}"
    r"|[0-9](?:S[0-9]{2}){5,8}|(?:S[0-9]){11,18})"
)
"""What follows the first digit of a number in groups; S stands for what divides these."""
_GROUPED = GROUPED.replace("S", _BETWEEN) + "(?![0-9])"
_WRAPPED = rf"[0-9]{{0,17}}{_PART}{_LINE_END}[0-9]{{1,18}}{_PART}(?![0-9])"
# Groups with digits on both sides are part of a row of numbers, unless those before are a date's;
# lines of which nothing but a number stands are a column.
_CANDIDATE = re.compile(
    r"[0-9](?<![0-9][0-9])(?:"
    r"[0-9]{11,18}(?![0-9])"
    rf"|(?:(?<![0-9][ \n,._\-{ZERO_WIDTH}][0-9])"
    r"|(?<=[\-/.:][0-9]{2}[\W_][0-9])|(?<=[\-/.][0-9]{4}[\W_][0-9]))"
    rf"{_GROUPED}"
    rf"|{_GROUPED}(?![ \n,._\-{ZERO_WIDTH}]{{1,2}}[0-9])"
    rf"|(?<=.[0-9]){_WRAPPED}|{_WRAPPED}(?=[^\r\n]))"
)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Shape:
    """Digits in text[start:end] that may be one number: the sizes of their groups, and what stands
    between these; no sizes where all stand together."""

    digits: str
    start: int
    end: int
    sizes: tuple[int, ...] = ()
    separators: tuple[str, ...] = ()

    @property
    def first_end(self) -> int:
        """Where its first group of digits ends."""
        return self.start + self.sizes[0] if self.sizes else self.end

    @property
    def is_wrapped(self) -> bool:
        """Whether it is written over two lines."""
        return any("\n" in separator for separator in self.separators)


def search(text: str, position: int) -> list[Shape]:
    """What may be a card number at the first place where one may begin, from a position on: the
    longest first. Empty if there is no such place."""
    while match := _CANDIDATE.search(text, position):
        start, end = match.span()
        groups = list(_DIGITS.finditer(text, start, end))
        if len(groups) == 1:
            return [Shape(match.group(), start, end)]
        if found := list(_windows(text, groups)):
            return found
        position = groups[0].end()
    return []


def _windows(text: str, groups: list[re.Match[str]]) -> Iterator[Shape]:
    sizes = tuple(len(group.group()) for group in groups)
    between = tuple(text[group.end() : following.start()] for group, following in pairwise(groups))
    for count in range(len(groups), 0, -1):
        total = sum(sizes[:count])
        if not MIN_DIGITS <= total <= MAX_DIGITS:
            continue
        shape, separators = sizes[:count], between[: count - 1]
        if _is_grouped(shape, separators):
            digits = "".join(group.group() for group in groups[:count])
            sized = (shape, separators) if count > 1 else ((), ())
            yield Shape(digits, groups[0].start(), groups[count - 1].end(), *sized)


def _is_grouped(sizes: tuple[int, ...], separators: tuple[str, ...]) -> bool:
    if len(sizes) == 1 or set(sizes) == {1} or sizes in GROUPINGS or sizes in _RARE_GROUPINGS:
        return True
    cuts = [number for number, separator in enumerate(separators) if "\n" in separator]
    if len(cuts) != 1:
        return False
    # A number broken at the end of a line, in the middle of a group.
    cut = cuts[0]
    joined = (*sizes[:cut], sizes[cut] + sizes[cut + 1], *sizes[cut + 2 :])
    return len(joined) == 1 or joined in GROUPINGS
