"""Inventories to a posture."""

from datetime import UTC, datetime

import polars as pl
import pytest

from compliance_guardian.posture import BucketFacts, posture
from compliance_guardian.requirements import REQUIREMENTS
from datalake.contracts.insights import COMPLIANCE_INVENTORY
from datalake.policies import REPORT, Action, Policy

AT = datetime(2026, 3, 1, tzinfo=UTC)
KEPT = BucketFacts("raw", "AES256", {}, 90)
USUAL = {
    "object": "0" * 16,
    "bucket": "raw",
    "key": "shop/a.csv",
    "delivered_at": datetime(2026, 1, 5, tzinfo=UTC),
    "policy": "report",
    "outcome": "reported",
    "is_complete": True,
    "size": 10,
    "card_numbers": 0,
    "track_data": 0,
    "verification_codes": 0,
    "personal_data": 0,
    "readable": 0,
    "scan_version": "0" * 16,
    "model_version": "1",
    "data_version": "0" * 16,
}


def inventory(*rows):
    return pl.DataFrame([USUAL | row for row in rows], schema=COMPLIANCE_INVENTORY.schema)


def states(found):
    return {line.requirement: line.state for line in found.lines}


def test_nothing_scanned_is_unknown_and_never_fine():
    found = posture({}, {}, [], AT)

    assert found.sources == []
    assert found.trend == []
    assert set(states(found)) == set(REQUIREMENTS)
    assert set(states(found).values()) - {"unknown"} <= {"none found"}
    assert {states(found)[name] for name in ("3.3.1", "3.5.1", "12.5.2", "12.10.7")} == {"unknown"}


def test_readable_numbers_are_open():
    rows = inventory({"card_numbers": 2, "readable": 2}, {"object": "1" * 16})

    found = posture({"shop": rows}, {"shop": REPORT}, [KEPT], AT)

    [line] = found.sources
    assert (line.objects, line.with_card_data, line.readable, line.protected_share) == (2, 1, 2, 0)
    assert states(found)["3.5.1"] == "open"
    assert states(found)["3.3.1"] == "none found"
    assert states(found)["3.2.1"] == "open"
    assert states(found)["12.10.7"] == "none found"


def test_what_a_policy_protects_is_not_open():
    rows = inventory({"bucket": "inbox", "card_numbers": 3}, {"object": "1" * 16})

    found = posture({"cm": rows}, {"cm": Policy(Action.MASK)}, [KEPT], AT)

    assert found.sources[0].protected_share == 1
    assert states(found)["3.5.1"] == "none found"


def test_card_data_of_a_masking_source_in_raw_asks_for_a_response():
    rows = inventory({"verification_codes": 1, "readable": 1, "outcome": "wrong_bucket"})

    found = posture({"cm": rows}, {"cm": Policy(Action.MASK)}, [], AT)

    assert states(found)["12.10.7"] == "open"
    assert states(found)["3.3.1"] == "open"


def test_objects_that_were_not_scanned_to_the_end_leave_the_scope_open():
    found = posture({"shop": inventory({"is_complete": False})}, {"shop": REPORT}, [], AT)

    assert states(found)["12.5.2"] == "open"


@pytest.mark.parametrize("facts", [BucketFacts("raw", None, None, None, "AccessDenied")])
def test_what_cannot_be_seen_of_a_bucket_is_unknown(facts):
    assert states(posture({}, {}, [facts], AT))["3.2.1"] == "unknown"


def test_the_trend_is_by_month_of_delivery():
    rows = inventory(
        {"card_numbers": 2, "readable": 2},
        {"object": "1" * 16, "delivered_at": datetime(2026, 2, 5, tzinfo=UTC)},
    )

    found = posture({"a": rows, "b": rows}, {"a": REPORT, "b": REPORT}, [], AT)

    assert [(m.month, m.objects, m.card_data, m.readable) for m in found.trend] == [
        ("2026-01", 2, 4, 4),
        ("2026-02", 2, 0, 0),
    ]
