"""What a policy makes of an object."""

import gzip
import io
import zipfile

import polars as pl
import pytest

from compliance_guardian.insights import Collected
from compliance_guardian.policies.release import Blocked, Released, prepared
from compliance_guardian.policies.values import Replacement
from datalake.policies import Action, Policy

NUMBER, SHOWN = "4539578763621486", "453957******1486"
BODY = f"id,card\n1,{NUMBER}\n".encode()


def outcome(body, action=Action.MASK):
    replacement = Replacement(b"k" * 32 if action is Action.HASH else None)
    collected = Collected()
    with prepared(io.BytesIO(body), Policy(action), replacement, collected) as result:
        content = None
        if result.copy:
            result.copy.seek(0)
            content = result.copy.read()
        return type(result), content, collected.count


def zip_with(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "x")
    return file.getvalue()


def parquet_with(column: str) -> bytes:
    file = io.BytesIO()
    pl.DataFrame({column: [1]}).write_parquet(file)
    return file.getvalue()


def test_every_policy():
    assert outcome(BODY, Action.REPORT) == (Released, BODY, 0)
    assert outcome(BODY, Action.MASK) == (Released, b"id,card\n1,%s\n" % SHOWN.encode(), 1)
    assert outcome(BODY, Action.BLOCK) == (Blocked, b"id,card\n1,%s\n" % SHOWN.encode(), 1)
    kind, content, _ = outcome(BODY, Action.HASH)
    assert kind is Released
    assert NUMBER.encode() not in content


@pytest.mark.parametrize("action", Action)
def test_a_clean_file_is_released_byte_for_byte(action):
    body = gzip.compress(b"id\n1\n", mtime=5)

    assert outcome(body, action)[:2] == (Released, body)


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(BODY * 100)[:-9],
        b"\x00\x01\x02",
        zip_with(f"{NUMBER}.txt"),
        parquet_with(f"card {NUMBER}"),
        gzip.compress(gzip.compress(gzip.compress(BODY))),
        f"a,card {NUMBER}\n".encode("utf-16") + b"\x00",
    ],
    ids=["cut", "binary", "name", "column", "too deep", "damaged utf-16"],
)
def test_what_cannot_be_read_or_replaced_is_blocked_without_a_copy(body):
    assert outcome(body)[:2] == (Blocked, None)


def test_a_header_is_masked_too():
    assert outcome(f"a,card {NUMBER}\n1,2\n".encode())[1] == f"a,card {SHOWN}\n1,2\n".encode()
