from __future__ import annotations

import pytest

from tour.demo import Demo
from tour.parts import runs
from unit.tour.conftest import ENDPOINT, printed


def test_names_the_endpoint_and_every_function(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, runs.show(demo))

    assert ENDPOINT in text
    assert all(name in text for name in demo.platform.catalogue.functions)
