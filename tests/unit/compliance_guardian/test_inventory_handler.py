"""compliance-guardian-inventory through its handler, on storage in memory."""

import pytest

from functions import replay, sample_events

NAME = "compliance-guardian-inventory"


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handler_of, storage, event):
    assert replay(NAME, event, handler_of(NAME), storage) == []
