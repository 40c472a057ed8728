"""The policies of the sources, and who may read the files that they apply to."""

from __future__ import annotations

from datalake.policies import POLICIES, REPORT
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from raw_to_curated.sources import SOURCES

INBOX = "inbox"


def test_every_policy_is_of_a_source() -> None:
    assert POLICIES.keys() <= SOURCES.keys()


def test_the_buckets_that_sources_deliver_to_are_in_the_catalogue() -> None:
    buckets = {policy.bucket for policy in (REPORT, *POLICIES.values())}

    assert buckets <= load(CATALOGUE).buckets.keys()


def test_one_function_alone_reads_the_inbox_and_none_writes_it() -> None:
    catalogue = load(CATALOGUE)
    users = [*catalogue.functions.items(), *catalogue.state_machines.items()]

    assert [name for name, user in users if INBOX in user.reads.buckets] == [
        "compliance-guardian-inbox"
    ]
    assert [name for name, user in users if INBOX in user.writes.buckets] == []
