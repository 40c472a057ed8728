from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tour.demo import Demo
from tour.parts import went_in
from unit.tour.conftest import Lake, printed


def test_has_a_line_for_each_source(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, went_in.show(demo))

    assert text.startswith("Data: a shop\n")
    assert re.findall(r"^([a-z-]+) +(\d+) +(\S+) +(\d+) *$", text, re.MULTILINE) == [
        ("online-retail", "2", "2.0", "20"),
        ("stocks", "1", "1.0", "10"),
    ]
    assert "more files" not in text


def test_says_that_files_of_another_run_are_there(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = {file.key for file in demo.delivery.sent} | {"online-retail/2023-01.csv"}

    text = printed(capsys, went_in.show(replace(demo, platform=Lake(raw=raw))))

    assert "The raw bucket has 1 more files, from before. `make down PURGE=1`" in text
