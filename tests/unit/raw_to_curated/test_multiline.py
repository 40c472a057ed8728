from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_to_curated import multiline
from raw_to_curated.multiline import MAX_LINES_PER_RECORD, Dialect, line_bounds, spans, swallows

DIALECT = Dialect(",")
NONE = np.empty(0, np.int64)
RECORD = re.compile(r'\A(?:"(?:[^"]|"")*"|[^"\n,]*)(?:,(?:"(?:[^"]|"")*"|[^"\n,]*))*\Z')


def found(text: str, faulty: list[int] | None = None) -> tuple[list[tuple[int, int]], int | None]:
    lines = pl.Series(text.split("\n")[: text.count("\n") + (not text.endswith("\n"))])
    result = spans(text.encode(), lines, np.array(faulty or [], np.int64), DIALECT)
    return list(zip(result.begins.tolist(), result.ends.tolist(), strict=True)), result.undecided


def joined(text: str) -> list[tuple[int, int]]:
    """The same by joining lines, one record after the other."""
    lines = text.split("\n")
    odd = [number for number, line in enumerate(lines) if line.count('"') % 2]
    records: list[tuple[int, int]] = []
    done = -1
    for begin, end in pairwise(odd):
        is_near = end - begin < MAX_LINES_PER_RECORD
        if begin > done and is_near and RECORD.match("\n".join(lines[begin : end + 1])):
            done = end
            records.append((begin, end))
    return records


@given(st.lists(st.sampled_from(['"', '"', ",", "\n", "\n", "x", '""', '","']), max_size=60))
def test_lines_judged_by_themselves_make_the_records_that_joining_makes(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert found(text)[0] == joined(text)


@pytest.mark.parametrize(
    ("text", "records", "undecided"),
    [
        ("a,b\nc,d\n", [], None),
        ('a,"b\nc"\nd,e\n', [(0, 1)], None),
        ('"a\n\nb","c\nd",e\n', [(0, 3)], None),
        ('"a\nb""c"\n"d\ne"\n', [(0, 1), (2, 3)], None),
        ('"a\nb"c\n', [], None),
        ('x"a\nb"\n', [], None),
        ('x"a\n"b\n', [], 1),
        ('a,"b\nc,d\n', [], 0),
        ('a,"b\nc"\nd,"e\n', [(0, 1)], 2),
        ('a"b\nc,d\n', [], None),
    ],
)
def test_records_over_several_lines(
    text: str, records: list[tuple[int, int]], undecided: int | None
) -> None:
    assert found(text) == (records, undecided)


def test_a_faulty_line_is_part_of_no_record() -> None:
    assert found('a,"b\nc\nd"\n') == ([(0, 2)], None)
    assert found('a,"b\nc\nd"\n', [1]) == ([], None)


def test_a_record_is_bounded_in_bytes_over_all_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,"' + "x" * 20 + "\n" + "y" * 20 + '"\n'
    monkeypatch.setattr(multiline, "MAX_LINE_BYTES", len(text) - 1)
    assert found(text) == ([(0, 1)], None)
    assert found(text.removesuffix('"\n')) == ([], 0)
    monkeypatch.setattr(multiline, "MAX_LINE_BYTES", len(text) - 2)
    assert found(text) == ([], None)
    monkeypatch.setattr(multiline, "MAX_LINE_BYTES", len(text) - 4)
    # Nothing that comes can close it: it is not scanned again with the text to come.
    assert found(text.removesuffix('"\n')) == ([], None)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ('a,"b,c\nd,e,f\ng,h",i\n', 3, True),
        ('a,"b,c\ng,h",i\n', 3, True),
        ('"a,b,c\nd,e,f\ng,h,i"\n', 3, True),
        ('a,"b\nd,e,""f""\nh",i\n', 3, False),
        ('a,"b\nd,e,f\nh",i\n', 3, True),
        ('a,"one, two\nthree",i\n', 3, False),
        ('a,"one, two\nthree\nfour, five",i\n', 4, False),
        ('a,"one\ntwo",i\n', 3, False),
        ('"one\ntwo\nthree"\n', 1, False),
        ('"a,b\nc,d"\n', 2, True),
    ],
)
def test_a_record_that_swallowed_others(text: str, width: int, expected: bool) -> None:
    lines = pl.Series(text.removesuffix("\n").split("\n"))
    record = spans(text.encode(), lines, NONE, DIALECT)
    assert record.begins.size == 1
    assert swallows(lines, record, DIALECT, width).tolist() == [expected]


@pytest.mark.parametrize("text", [b"", b"\n", b"a", b"a\n", b"a\n\nb", b"\n\n"])
def test_bounds_of_lines(text: bytes) -> None:
    begins, ends = line_bounds(text)
    pieces = text.split(b"\n") if text else []
    expected = pieces[:-1] if pieces and not pieces[-1] else pieces
    assert [text[a:b] for a, b in zip(begins, ends, strict=True)] == expected
