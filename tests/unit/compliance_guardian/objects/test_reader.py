"""Objects of every form."""

import gzip
import io
import json
import zipfile

import polars as pl
import pytest

from compliance_guardian.objects.reader import Totals, find
from compliance_guardian.objects.results import UnreadableError

NUMBER = "4539578763621486"
CSV = f"id,card\n1,{NUMBER}\n".encode()


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"card": [NUMBER]}).write_parquet(file)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a.csv", CSV)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "field", "member", "row"),
    [
        (CSV, "card", "", 1),
        (b"\xef\xbb\xbf" + CSV, "card", "", 1),
        (CSV.decode().encode("utf-16"), "card", "", 1),
        (gzip.compress(CSV), "card", "", 1),
        (archive(), "card", "a.csv", 1),
        (parquet(), "card", "", 1),
        (json.dumps({"a": {"card": NUMBER}}).encode(), "card", "", None),
        (json.dumps([{"card": NUMBER}], indent=2).encode(), "card", "", None),
        (b'{"x": 1}\n{"card": "%s"}\n' % NUMBER.encode(), "card", "", 2),
        (f"Dear all,\nmy card is {NUMBER}\n".encode(), "", "", None),
    ],
    # Bytes that are packed differ between processes.
    ids=["csv", "bom", "utf-16", "gzip", "zip", "parquet", "json", "json list", "lines", "text"],
)
def test_every_form_is_read(body, field, member, row):
    totals = Totals()

    [one] = find(io.BytesIO(body), totals)

    assert (one.field, one.member, one.row) == (field, member, row)
    assert totals.files == 1
    assert totals.size > 0


@pytest.mark.parametrize("body", [b"", b"\n", b"{", b"[1]", b"a,b"])
def test_hardly_anything_gives_nothing(body):
    assert list(find(io.BytesIO(body), Totals())) == []


def test_what_is_neither_is_refused():
    with pytest.raises(UnreadableError, match="neither text"):
        list(find(io.BytesIO(b"\x89PNG\x00\x01"), Totals()))
