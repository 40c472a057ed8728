"""From findings to rows, with no number in them."""

import pytest

from compliance_guardian import insights
from compliance_guardian.insights import Collected, partition, source_of
from compliance_guardian.objects.results import Located, UnreadableError
from compliance_guardian.pci.scan import scan
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
)

NUMBER = "4539578763621486"
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

    assert NUMBER not in partition(COMPLIANCE_SCANS, key).data_key
    assert partition(COMPLIANCE_SCANS, key) != partition(COMPLIANCE_SCANS, f"{key}x")


def test_fields_count_rows_once():
    collected = Collected("shop/a.csv", 100)
    collected.totals.rows = 4
    collected.add_all(Located(CARD, field="note", row=row) for row in (1, 1, 3))

    tables = collected.tables()

    assert tables[COMPLIANCE_FINDINGS]["finding"].to_list() == [1, 2, 3]
    assert tables[COMPLIANCE_FIELDS].select("findings", "rows_found", "share").row(0) == (3, 2, 0.5)
    assert tables[COMPLIANCE_SCANS].select("findings", "is_complete").row(0) == (3, True)


def test_names_are_masked():
    collected = Collected(f"shop/{NUMBER}.csv", 1)
    collected.add_all([Located(CARD, field=f"f {NUMBER}", member=f"{NUMBER}.txt")])

    assert all(NUMBER not in str(frame.rows()) for frame in collected.tables().values())


def test_more_findings_than_are_listed_are_counted(monkeypatch):
    monkeypatch.setattr(insights, "MAX_FINDINGS", 5)
    monkeypatch.setattr(insights, "_MAX_FIELDS", 3)
    collected = Collected("a", 1)
    collected.add_all(Located(CARD, field=f"f{i}") for i in range(20))

    tables = collected.tables()

    assert collected.count == tables[COMPLIANCE_FIELDS]["findings"].sum() == 20
    assert tables[COMPLIANCE_FINDINGS].height == 5
    assert tables[COMPLIANCE_FIELDS].height == 4


def test_what_was_read_before_a_problem_counts():
    def cut():
        yield Located(CARD)
        raise UnreadableError("cut")

    collected = Collected("a", 1)
    collected.add_all(cut())

    scanned = collected.tables()[COMPLIANCE_SCANS].row(0, named=True)
    assert (scanned["findings"], scanned["is_complete"], scanned["problem"]) == (1, False, "cut")
