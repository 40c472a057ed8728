"""From findings to rows, with no number in them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from compliance_guardian import insights
from compliance_guardian.insights import Collected, Files, Origin, partition, source_of
from compliance_guardian.objects.results import Located, UnreadableError
from compliance_guardian.pci.scan import scan
from datalake import policies
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
)
from datalake.memory import MemoryStorage
from datalake.policies import Action, Policy
from datalake.storage import ObjectInfo

NUMBER = "4539578763621486"
INFO = ObjectInfo("e", 100, {}, datetime(2026, 1, 1, tzinfo=UTC))
ORIGIN = Origin("raw", "shop/a.csv", INFO)
VERSIONS = {"model_version": "1", "data_version": "0" * 16}
[CARD] = scan(f"card {NUMBER}")


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("shop/a.csv", "shop"),
        ("online-retail/2011/a.csv", "online-retail"),
        ("a.csv", "_unmapped"),
        ("Shop/a.csv", "_unmapped"),
        ("../a.csv", "_unmapped"),
        (f"{NUMBER}/a.csv", "_unmapped"),
    ],
)
def test_the_source_is_the_first_folder(key, source):
    assert source_of(key) == source


def test_no_number_of_a_key_is_in_the_keys_of_its_insights():
    key = f"shop/{NUMBER}.csv"

    keys = {
        partition(COMPLIANCE_SCANS, bucket, name).data_key
        for bucket in ("raw", "inbox")
        for name in (key, f"{key}x")
    }

    assert len(keys) == 4
    assert not any(NUMBER in name for name in keys)


def test_versions_differ_with_the_object_its_bucket_and_its_policy(monkeypatch):
    versions = {
        ORIGIN.data_version(),
        ORIGIN.data_version("more"),
        replace(ORIGIN, bucket="inbox").data_version(),
        replace(ORIGIN, info=replace(INFO, etag="f")).data_version(),
    }
    monkeypatch.setitem(policies.POLICIES, "shop", Policy(Action.MASK))
    versions.add(ORIGIN.data_version())

    assert len(versions) == 5


def test_fields_count_rows_once():
    collected = Collected()
    collected.totals.rows = 4
    collected.add_all(Located(CARD, field="note", row=row) for row in (1, 1, 3))

    tables = collected.tables(ORIGIN, "reported")

    assert tables[COMPLIANCE_FINDINGS]["finding"].to_list() == [1, 2, 3]
    assert tables[COMPLIANCE_FIELDS].select("findings", "rows_found", "share").row(0) == (3, 2, 0.5)
    assert tables[COMPLIANCE_SCANS].select("findings", "is_complete").row(0) == (3, True)


def test_names_are_masked():
    collected = Collected()
    collected.add_all([Located(CARD, field=f"f {NUMBER}", member=f"{NUMBER}.txt")])

    tables = collected.tables(replace(ORIGIN, key=f"shop/{NUMBER}.csv"), "reported")

    assert all(NUMBER not in str(frame.rows()) for frame in tables.values())


def test_more_findings_than_are_listed_are_counted(monkeypatch):
    monkeypatch.setattr(insights, "MAX_FINDINGS", 5)
    monkeypatch.setattr(insights, "_MAX_FIELDS", 3)
    collected = Collected()
    collected.add_all(Located(CARD, field=f"f{i}") for i in range(20))

    tables = collected.tables(ORIGIN, "reported")

    assert collected.count == tables[COMPLIANCE_FIELDS]["findings"].sum() == 20
    assert tables[COMPLIANCE_FINDINGS].height == 5
    assert tables[COMPLIANCE_FIELDS].height == 4


def test_what_was_read_before_a_problem_counts():
    def cut():
        yield Located(CARD)
        raise UnreadableError("cut")

    collected = Collected()
    collected.add_all(cut())

    scanned = collected.tables(ORIGIN, "reported")[COMPLIANCE_SCANS].row(0, named=True)
    assert (scanned["findings"], scanned["is_complete"], scanned["problem"]) == (1, False, "cut")


def test_the_kinds_that_the_policy_covers_are_counted(monkeypatch):
    monkeypatch.setitem(policies.POLICIES, "shop", Policy(Action.MASK, frozenset({"iban"})))
    [account] = scan("GB82 WEST 1234 5698 7654 32")
    collected = Collected()
    collected.add_all([Located(CARD), Located(account)])

    scanned = collected.tables(ORIGIN, "blocked", "why")[COMPLIANCE_SCANS].row(0, named=True)

    assert (scanned["findings"], scanned["protected"]) == (2, 1)
    assert (scanned["policy"], scanned["outcome"], scanned["problem"]) == ("mask", "blocked", "why")


def test_the_insights_on_an_object_are_of_the_versions_that_were_written_last():
    storage = MemoryStorage()
    files = Files.open(storage, "insights", "raw", ORIGIN.key)
    assert not files.are_of(VERSIONS)

    files.write(Collected().tables(ORIGIN, "reported"), VERSIONS)

    written = Files.open(storage, "insights", "raw", ORIGIN.key)
    assert written.are_of(VERSIONS)
    assert not written.are_of({**VERSIONS, "model_version": "2"})
    assert not Files.open(storage, "insights", "inbox", ORIGIN.key).are_of(VERSIONS)
