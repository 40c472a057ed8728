"""Answers on the posture."""

import pytest
from pydantic import ValidationError

from compliance_guardian.posture_schemas import RequirementPosture


def test_a_state_is_never_compliant():
    with pytest.raises(ValidationError):
        RequirementPosture(requirement="3.5.1", title="-", state="compliant", evidence="-")
