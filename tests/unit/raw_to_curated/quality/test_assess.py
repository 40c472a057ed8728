from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from data_plane.shop_lines import GIVEN, GIVEN_RETURNS, credit_notes, lines, shop
from datalake.contracts.curated import ORDERS, RETURNS
from fleet.paths import ROOT
from raw_to_curated.quality import assess


def test_only_quality_columns_are_added_and_the_contracts_hold() -> None:
    orders, returns = shop(1, 300), credit_notes({}, {"customer_id": None})
    assessed, assessed_returns = assess(orders, returns)
    assert assessed_returns is not None
    assert assessed.select(GIVEN).equals(orders)
    assert assessed_returns.select(GIVEN_RETURNS).equals(returns)
    ORDERS.check(assessed.select(ORDERS.schema.names()))
    RETURNS.check(assessed_returns.select(RETURNS.schema.names()))


def test_empty_frames_have_the_columns_too() -> None:
    orders, returns = assess(lines(), credit_notes({}).clear())
    assert returns is not None
    ORDERS.check(orders.select(ORDERS.schema.names()))
    RETURNS.check(returns.select(RETURNS.schema.names()))


def test_assessing_again_changes_nothing() -> None:
    once, returned_once = assess(shop(2, 400), credit_notes({}))
    twice, returned_twice = assess(once, returned_once)
    assert twice.equals(once)
    assert returned_once is not None
    assert returned_twice is not None
    assert returned_twice.equals(returned_once)


def test_the_order_of_the_rows_does_not_matter() -> None:
    orders, returns = shop(6, 1_000), credit_notes({"customer_id": "12000"}, {"quantity": 2})
    straight, returned = assess(orders, returns)
    shuffled, returned_shuffled = assess(
        orders.sample(fraction=1, shuffle=True, seed=1), returns.reverse()
    )
    assert returned is not None
    assert returned_shuffled is not None
    assert shuffled.sort("line_number").equals(straight)
    assert returned_shuffled.sort("line_number").equals(returned)


def test_importing_the_package_does_not_import_scikit_learn() -> None:
    source = Path(sys.modules["raw_to_curated"].__path__[0]).parent
    libs = ROOT / "libs/datalake/src"
    code = "import sys, raw_to_curated.quality as q; sys.exit('sklearn' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{source}:{libs}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
