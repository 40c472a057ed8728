"""Card numbers in text: where digits stand as a card's do, and what speaks for and against each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compliance_guardian.pci.characters import ZERO_WIDTH
from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.context import card_words
from compliance_guardian.pci.findings import Evidence, Finding, Kind, masked_number
from compliance_guardian.pci.networks import MAX_DIGITS, MIN_DIGITS, issued
from compliance_guardian.pci.published_numbers import PUBLISHED

# Digits with few other characters between them. Commas, tabs and semicolons divide columns.
_RUN = re.compile(rf"[0-9](?:[ \n\r._\-/:*~+>=|{ZERO_WIDTH}]{{0,5}}[0-9]){{11,}}")
_GROUP = re.compile(r"([0-9]+)([^0-9]*)")
_INVISIBLE = re.compile(f"{ZERO_WIDTH}+")
# The end of a line, with the dash, the marks of a quoted text and the blanks of its indentation.
_LINE_END = re.compile(r" *=?\r?\n[ >]*|\r[ >]*")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z0-9][-_.:/]\Z")

_GROUPINGS = {
    (4, 4, 4, 4),
    (4, 4, 4, 4, 3),
    (4, 4, 4, 4, 2),
    (4, 4, 4, 4, 1),
    (4, 6, 5),
    (4, 6, 4),
    (4, 4, 4, 3),
    (4, 4, 4, 2),
    (4, 4, 4, 1),
    (4, 4, 5),
    (4, 3, 3, 3),
    (4, 4, 4),
    (6, 13),
}
_MOST_GROUPS = max(map(len, _GROUPINGS))
# Two digits at a time, or two halves: seen, but also in lists of numbers.
_RARE_GROUPINGS = {(8, 8), (6, 10), (4, 12), *((2,) * n for n in range(6, 10))}

_GLUED_WORD = re.compile(r"(?i)(?:card|number|nummer|karte|pan|cc|no|nr|visa)\Z")
_FIRST_SIZES = {shape[0] for shape in _GROUPINGS | _RARE_GROUPINGS} | {1}

_PRIOR = Evidence("checksum", "Luhn", 0.7)
_THRESHOLD = 0.0


@dataclass(slots=True)
class _Group:
    digits: str
    start: int
    end: int
    separator: str
    """What stands between it and the next one, "" behind the last."""


def find(text: str, *, is_strict: bool = False) -> Iterator[Finding]:
    """The card numbers in a text in plain form (see characters.plain), from left to right.

    If `is_strict`, whatever could be a card number counts, however unlikely: for texts that must
    not show one.
    """
    for run in _RUN.finditer(text):
        yield from _in_run(text, run.start(), run.group(), is_strict)


def may_hold_any(text: str) -> bool:
    """Whether there are as many digits in a row as a card number has."""
    return _RUN.search(text) is not None


def _in_run(text: str, start: int, run: str, is_strict: bool) -> Iterator[Finding]:
    if run.isdigit():
        if len(run) <= MAX_DIGITS:
            group = _Group(run, start, start + len(run), "")
            if found := _judged(text, [group], 0, 1, (), is_strict):
                yield found
        return
    groups = _groups(start, run)
    index = 0
    while index < len(groups):
        if not _may_begin(groups, index):
            index += 1
            continue
        for count, sizes in _windows(groups, index):
            if found := _judged(text, groups, index, count, sizes, is_strict):
                yield found
                index += count
                break
        else:
            index += 1


def _groups(start: int, run: str) -> list[_Group]:
    """The groups of digits of a run. What is invisible divides none, and the end of a line only
    where another separator stands beside it."""
    groups: list[_Group] = []
    joins = False
    for match in _GROUP.finditer(run):
        digits, separator = match.groups()
        separator = _INVISIBLE.sub("", separator)
        if joins:
            groups[-1].digits += digits
            groups[-1].end = start + match.end(1)
            groups[-1].separator = separator
        else:
            groups.append(_Group(digits, start + match.start(1), start + match.end(1), separator))
        joins = not separator
    return groups


def _may_begin(groups: list[_Group], index: int) -> bool:
    """Whether a number may begin with a group: a quick look, as tables of numbers have many."""
    first = groups[index]
    size = len(first.digits)
    if size >= MIN_DIGITS or "\n" in first.separator or "\r" in first.separator:
        return True
    if size not in _FIRST_SIZES or index + 1 == len(groups):
        return False
    second = groups[index + 1]
    return (
        second.separator in ("", first.separator)
        or not second.separator.isprintable()
        or (size + len(second.digits) >= MIN_DIGITS)
    )


def _windows(groups: list[_Group], index: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """How many groups from `index` on may be one number, and their sizes; the most groups first."""
    first = groups[index]
    if MIN_DIGITS <= len(first.digits) <= MAX_DIGITS:
        yield 1, ()
        return
    sizes = [len(first.digits)]
    separators: set[str] = set()
    wraps = 0
    found: list[tuple[int, tuple[int, ...]]] = []
    total = sizes[0]
    for last in range(index + 1, len(groups)):
        between = groups[last - 1].separator
        if "\n" in between or "\r" in between:
            between = _LINE_END.sub("", between)
            wraps += 1
            if wraps > 1:
                break
            if between == "":
                # Within a group if no other separator divides it: told below.
                between = "\n"
        separators.add(between)
        total += len(groups[last].digits)
        sizes.append(len(groups[last].digits))
        if total > MAX_DIGITS or len(separators - {"\n"}) > 1:
            break
        if total >= MIN_DIGITS and _is_grouped(sizes, groups, index):
            found.append((last - index + 1, tuple(sizes)))
    yield from reversed(found)


def _is_grouped(sizes: list[int], groups: list[_Group], first: int) -> bool:
    shape = tuple(sizes)
    if shape in _GROUPINGS or shape in _RARE_GROUPINGS or set(shape) == {1}:
        return True
    wrapped = [
        number
        for number in range(len(sizes) - 1)
        if "\n" in groups[first + number].separator or "\r" in groups[first + number].separator
    ]
    if not wrapped:
        return False
    # A number broken at the end of a line, in the middle of a group.
    cut = wrapped[0]
    joined = (*shape[:cut], shape[cut] + shape[cut + 1], *shape[cut + 2 :])
    return len(joined) == 1 or joined in _GROUPINGS


def _judged(
    text: str,
    groups: list[_Group],
    index: int,
    count: int,
    sizes: tuple[int, ...],
    is_strict: bool,
) -> Finding | None:
    window = groups[index : index + count]
    digits = "".join(group.digits for group in window) if count > 1 else window[0].digits
    network = issued(digits)
    if network is None or not luhn(digits) or digits in PUBLISHED:
        return None
    start, end = window[0].start, window[-1].end
    evidence = [
        Evidence(
            "range",
            f"{network.network}, {len(digits)} digits",
            0.8 if network.is_usual else -2.0,
        ),
        _PRIOR,
    ]
    words = card_words(text, start, end)
    if words:
        evidence.append(words)
    if sizes:
        evidence.append(_grouping(window, sizes))
    evidence += _surroundings(text, groups, index, count)
    if len(set(digits)) < 3:
        evidence.append(Evidence("digits", "hardly any differ", -3.0))
    if not is_strict and sum(one.weight for one in evidence) < _THRESHOLD:
        return None
    return Finding(Kind.CARD_NUMBER, start, end, masked_number(digits), tuple(evidence))


def _grouping(window: list[_Group], sizes: tuple[int, ...]) -> Evidence:
    shape = "-".join(map(str, sizes))
    is_wrapped = any("\n" in group.separator for group in window[:-1])
    if sizes in _GROUPINGS:
        return Evidence("grouping", shape, 1.0)
    if set(sizes) == {1}:
        return Evidence("grouping", "digit by digit", 0.0)
    if is_wrapped:
        return Evidence("grouping", f"{shape}, over two lines", -1.2)
    return Evidence("grouping", shape, -2.5)


def _surroundings(text: str, groups: list[_Group], index: int, count: int) -> Iterator[Evidence]:
    """What the characters and the digits beside a number say."""
    first, last = groups[index], groups[index + count - 1]
    before = text[first.start - 1 : first.start] if first.start else ""
    behind = text[last.end : last.end + 1]
    if before.isalnum() and not _is_glued_word(text, first.start):
        yield Evidence("boundary", "letters before", -6.0)
    elif before in ("+", "$", "€", "£", "¥"):
        yield Evidence("boundary", f"{before} before", -4.0)
    elif before and _IDENTIFIER.search(text, max(0, first.start - 2), first.start):
        yield Evidence("boundary", "part of an identifier", -2.0)
    if behind.isalnum():
        yield Evidence("boundary", "letters behind", -6.0)
    elif behind in ("-", "_") and text[last.end + 1 : last.end + 2].isalpha():
        yield Evidence("boundary", "part of an identifier", -2.0)
    within = {group.separator for group in groups[index : index + count - 1]}
    if any("\n" in separator for separator in within):
        within.add(" ")
    if index and _continues(groups[index - 1].separator, within, groups[index - 1].digits):
        yield Evidence("neighbours", "digits before", -5.0)
    if index + count < len(groups):
        neighbour = groups[index + count]
        if not _is_expiry(groups[index + count : index + count + 4]) and _continues(
            last.separator, within, neighbour.digits
        ):
            yield Evidence("neighbours", "digits behind", -5.0)
    if before == "-" or behind == "-" or "-" in first.separator:
        for uuid in _UUID.finditer(text, max(0, first.start - 36), last.end + 36):
            if uuid.start() <= first.start and last.end <= uuid.end():
                yield Evidence("boundary", "inside a UUID", -8.0)


def _is_expiry(behind: list[_Group]) -> bool:
    """Whether the digits behind a number are an expiry or a verification code, and nothing more."""
    first = behind[0].digits
    if len(behind) > 3 or len(first) > 4:
        return False
    return (len(behind) == 1 and len(first) == 3) or (
        len(first) in (2, 4) and "01" <= first[:2] <= "12"
    )


def _continues(separator: str, within: set[str], digits: str) -> bool:
    """Whether a neighbour belongs to the same run of digits, which then is no card number's."""
    if not within:
        return separator in (".", "-", "_")
    return separator in within or (separator in (".", "-", "_") and len(digits) < 8)


def _is_glued_word(text: str, start: int) -> bool:
    return _GLUED_WORD.search(text, max(0, start - 8), start) is not None
