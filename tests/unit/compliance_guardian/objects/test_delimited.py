"""Findings in CSV, field by field."""

import io

import pytest

from compliance_guardian.objects import delimited
from compliance_guardian.objects.delimited import delimiter_of
from compliance_guardian.objects.results import Progress

NUMBER = "4539578763621486"


def found(body: str, delimiter: str = ","):
    progress = Progress()
    return list(delimited.find(io.BytesIO(body.encode()), delimiter, progress)), progress


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"a,b\n1,2\n", ","),
        (b"a;b;c\n1;2,5;3\n", ";"),
        (b"a\tb\n1\t2\n", "\t"),
        (b'a|b\n"x|y"|2\n', "|"),
        (b"Hello, it is me.\nBye\n", None),
        (b"one two\n", None),
        (b"", None),
    ],
)
def test_the_delimiter_divides_all_lines_alike(start, expected):
    assert delimiter_of(start) == expected


def test_place_field_and_row():
    body = f"id,näme,number\n1,x,\n2,ü,{NUMBER}\n"

    [one], progress = found(body)

    assert (one.field, one.row, one.line, one.column) == ("number", 2, 3, 5)
    assert body.encode()[one.byte :].startswith(NUMBER.encode())
    assert progress.rows == 2


def test_the_name_of_a_column_is_context():
    assert found("order_id,x\n4539578763621486,1\n")[0] == []
    assert [o.finding.kind.value for o in found("name,cvv\na,123\n")[0]] == ["cvv"]
    assert [o.finding.kind.value for o in found("name,card_number\na,4539578763623\n")[0]] in (
        ["card_number"], []
    )  # fmt: skip


def test_numbers_of_neighbouring_fields_are_not_joined():
    assert found("a,b,c,d\n4539,5787,6362,1486\n")[0] == []
    assert found("a\tb\tc\td\n4539\t5787\t6362\t1486\n", "\t")[0] == []


def test_quoted_fields_over_several_lines():
    [one], progress = found(f'a,b\n1,"x\ny, {NUMBER}"\n2,z\n')

    assert (one.field, one.row, one.line, one.column) == ("b", 1, 3, 4)
    assert progress.rows == 2


def test_without_a_header_columns_are_numbered():
    [one], progress = found(f"1,{NUMBER}\n2,x\n")

    assert (one.field, one.row, progress.rows) == ("column 2", 1, 2)


@pytest.mark.parametrize("size", [40, 100, 1000])
def test_where_blocks_end_does_not_matter(size, monkeypatch):
    body = "id,note,card\n" + "".join(
        f'{i},"a ""b""\nc {i}",{NUMBER if i % 7 == 0 else ""}\n' for i in range(100)
    )
    whole = found(body)
    monkeypatch.setattr(delimited, "_BLOCK", size)

    assert found(body) == whole
    assert len(whole[0]) == 15
    assert [one.row for one in whole[0]] == [i + 1 for i in range(0, 100, 7)]


def test_a_quotation_mark_that_nobody_closes_fills_no_memory(monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 100)
    monkeypatch.setattr(delimited, "_MOST", 1000)

    rows, _ = found(f'a,b\n"x,{NUMBER}\n' + f"1,{NUMBER}\n" * 200)

    assert len(rows) > 100
