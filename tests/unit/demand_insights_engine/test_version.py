"""The version of the methods."""

import re

from demand_insights_engine.version import methods_version


def test_it_is_a_number_and_a_hash_of_the_methods() -> None:
    assert re.fullmatch(r"[0-9]+[.][0-9]+[+][0-9a-f]{12}", methods_version())
    assert methods_version() == methods_version()
