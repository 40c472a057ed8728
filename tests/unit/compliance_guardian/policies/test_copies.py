"""Copies of packed files."""

import gzip
import io
import tempfile
import zipfile

from compliance_guardian.objects.reader import Totals, find
from compliance_guardian.policies.copies import Copier
from compliance_guardian.policies.edits import Edits
from compliance_guardian.policies.values import Replacement
from datalake.policies import CARD_DATA

NUMBER, SHOWN = "4539578763621486", "453957******1486"
CSV = "id,card\n1,{}\n"


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (
            ("first.csv", CSV.format(NUMBER)),
            ("folder/", ""),
            ("folder/clean.txt", "hello"),
            ("folder/last.csv.gz", gzip.compress(CSV.format(NUMBER).encode(), mtime=0)),
        ):
            # Members of one moment, as a member of "now" may differ from the next archive's.
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def copy(body: bytes) -> bytes:
    edits, totals = Edits(CARD_DATA, io.BytesIO()), Totals()
    for _ in edits.noting(find(io.BytesIO(body), totals), totals):
        pass
    with tempfile.NamedTemporaryFile() as source, tempfile.NamedTemporaryFile() as target:
        source.write(body)
        source.flush()
        Copier(edits, CARD_DATA, Replacement()).copy(source, target)
        return target.read()


def test_gzip_is_packed_again_without_a_name_or_a_time():
    body = gzip.compress(CSV.format(NUMBER).encode(), mtime=99)

    assert gzip.decompress(copy(body)) == CSV.format(SHOWN).encode()
    assert copy(body)[4:8] == bytes(4)


def test_an_archive_has_the_same_members_in_the_same_order():
    copied = zipfile.ZipFile(io.BytesIO(copy(archive())))
    before = zipfile.ZipFile(io.BytesIO(archive()))

    def facts(packed):
        return [(m.filename, m.compress_type, m.date_time) for m in packed.infolist()]

    assert facts(copied) == facts(zipfile.ZipFile(io.BytesIO(copy(archive()))))
    assert copied.namelist() == before.namelist()
    assert copied.read("first.csv").decode() == CSV.format(SHOWN)
    assert copied.read("folder/clean.txt") == b"hello"
    assert gzip.decompress(copied.read("folder/last.csv.gz")).decode() == CSV.format(SHOWN)
