"""The policies of sources."""

from compliance_guardian.pci.findings import Kind
from datalake.policies import CARD_DATA, POLICIES, Action, Policy, policy_of


def test_a_source_without_a_policy_is_reported_and_delivers_to_raw():
    assert policy_of("unheard-of") == Policy(Action.REPORT)
    assert policy_of("unheard-of").bucket == "raw"


def test_sources_with_another_policy_deliver_to_the_inbox():
    assert all(policy.bucket == "inbox" for policy in POLICIES.values())


def test_the_kinds_are_those_that_are_found():
    found = set(Kind)
    assert found >= CARD_DATA
    assert all(found >= policy.kinds for policy in POLICIES.values())
