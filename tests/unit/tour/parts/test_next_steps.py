from __future__ import annotations

from pathlib import Path

import pytest

from tour.demo import Demo
from tour.parts import next_steps
from unit.tour.conftest import ENDPOINT


def test_names_a_curl_line_with_a_sample_that_is_there(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_steps, "STATE", tmp_path)

    curl, logs, down = map(str, next_steps.show(demo))

    url, sample = curl.removeprefix("curl ").split(" -d @")
    assert url.startswith(f"{ENDPOINT}/2015-03-31/functions/fleet-local-raw-to-curated/")
    assert Path(sample).read_bytes().startswith(b"{")
    assert logs == "make logs FUNCTION=raw-to-curated"
    assert "`make down`" in down
