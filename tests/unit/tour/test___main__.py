from __future__ import annotations

from typing import Any

import pytest

from fleet.catalogue import load
from fleet.paths import CATALOGUE
from tour import pipeline
from tour.__main__ import main


def test_runs_the_catalogue_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(pipeline, "run", shown.append)

    main()

    assert shown == [load(CATALOGUE)]
