"""The policy of each source: what happens to card data in its files, and where it delivers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CARD_DATA = frozenset({"card_number", "track_data", "cvv"})
"""What PCI DSS 4.0.1 wants unreadable (3.5.1) or not stored at all (3.3.1)."""


class Action(StrEnum):
    """What happens to a file with findings."""

    REPORT = "report"
    """It stays as it is, and the findings are reported."""
    MASK = "mask"
    """Raw gets a copy in which the values are masked."""
    HASH = "hash"
    """Raw gets a copy with a keyed hash of each card number; other values are masked."""
    BLOCK = "block"
    """Raw gets nothing; quarantine gets a masked copy, and a report that says why."""


@dataclass(frozen=True)
class Policy:
    """What happens to the kinds of findings that it covers; others are only reported."""

    action: Action
    kinds: frozenset[str] = CARD_DATA

    @property
    def bucket(self) -> str:
        """The bucket, as the catalogue names it, to which the source delivers."""
        return "raw" if self.action is Action.REPORT else "inbox"


REPORT = Policy(Action.REPORT)

POLICIES: Mapping[str, Policy] = {
    # People paste card numbers into the fields of customer systems.
    "customer-master": Policy(Action.MASK),
}
"""The policies other than REPORT, by source."""


def policy_of(source: str) -> Policy:
    """The policy of a source; REPORT unless another one is declared."""
    return POLICIES.get(source, REPORT)
