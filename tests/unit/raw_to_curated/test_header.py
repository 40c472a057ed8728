from __future__ import annotations

import pytest

from data_plane.retail import HEADER, RETAIL
from raw_to_curated.header import diagnosis, parse_header

LINE = HEADER.rstrip("\n")


def test_fields_of_a_header() -> None:
    assert parse_header(LINE, RETAIL) == list(RETAIL.column_names)
    assert parse_header('"a","b ""c"", d"', RETAIL) == ["a", 'b "c", d']
    assert parse_header('"a,b', RETAIL) == ['"a,b']


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LINE.replace(",", ";"), "has ';' between its fields; ',' is expected"),
        (LINE.replace(",", "\t"), r"has '\t' between its fields"),
        (LINE.upper().replace(",", "|"), "has '|' between its fields"),
        (f'"{LINE}"', "in one pair of quotation marks"),
        (LINE.replace("UnitPrice", '"UnitPrice'), "quotation marks in the header are unbalanced"),
        ("536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,UK", "looks like data"),
        ("2010-12-01,x", "looks like data"),
    ],
)
def test_what_is_wrong_with_a_header(line: str, words: str) -> None:
    assert words in diagnosis(line, RETAIL)


def test_a_title_above_the_header_is_told() -> None:
    words = diagnosis("Sales of 2011", RETAIL, ["", "made by hand", LINE, "536365,..."])
    assert words == "The header comes 3 lines later; remove the lines before it."


@pytest.mark.parametrize("line", ["a,b", LINE + ",2011", "", "Name", LINE.lower()])
def test_nothing_is_said_where_nothing_is_plain(line: str) -> None:
    assert diagnosis(line, RETAIL) == ""


def test_a_header_of_very_many_fields_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from raw_to_curated import header

    calls = 0
    original = header.infer

    def counting(values: object) -> str:
        nonlocal calls
        calls += 1
        return original(values)  # type: ignore[arg-type]

    monkeypatch.setattr(header, "infer", counting)
    assert diagnosis("name," * 100_000, RETAIL) == ""
    assert calls <= 30
