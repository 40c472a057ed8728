"""Requirements have the numbers of the standard."""

import re

from compliance_guardian.requirements import REQUIREMENTS


def test_numbers_are_those_of_requirements():
    assert all(re.fullmatch(r"(?:[1-9]|1[0-2])(?:\.[0-9]+){2,3}", name) for name in REQUIREMENTS)
    assert len(set(REQUIREMENTS.values())) == len(REQUIREMENTS)
