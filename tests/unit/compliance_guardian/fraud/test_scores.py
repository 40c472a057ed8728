"""A score has no reasons unless it is asked for them."""

from compliance_guardian.fraud.scores import Score


def test_reasons_are_optional():
    assert Score(0.5, 0.4, 0.6, 0.0).reasons == ()
