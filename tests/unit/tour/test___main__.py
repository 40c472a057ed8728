from __future__ import annotations

from typing import Any

import pytest

from fleet.catalogue import load
from fleet.paths import CATALOGUE
from shop import Parameters
from tour import demo
from tour.__main__ import main


def test_runs_the_catalogue_with_the_shop_of_that_size(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(demo, "run", lambda *given: ran.append(given))

    main(["--rows", "500", "--months", "2", "--seed", "3"])

    assert ran == [(load(CATALOGUE), Parameters(lines=500, months=2, seed=3))]


@pytest.mark.parametrize(
    "arguments", [["--rows", "0"], ["--rows", "many"], ["--months", "0"], ["--seed", "-1"]]
)
def test_a_wrong_argument_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert "make demo [ROWS=100000] [MONTHS=24] [SEED=1]" in capsys.readouterr().err
