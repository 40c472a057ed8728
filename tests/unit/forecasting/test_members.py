"""Members of a combination forecast whole panels."""

from __future__ import annotations

import numpy as np

from forecasting.members import BASELINE, Panel, boosted, forecasts, statistical

PANEL = np.tile([10.0, 20, 30, 40], (3, 8)) * np.arange(1.0, 4)[:, None]


def test_members_add_the_season() -> None:
    found = forecasts(statistical(Panel(5, (4,), is_demand=True)), PANEL)
    for name, forecast in found.items():
        np.testing.assert_allclose(forecast, PANEL[:, :5], rtol=0.12, err_msg=name)


def test_members_add_each_of_several_seasons() -> None:
    short, long = np.tile([1.0, 2, 3, 4], 18), np.tile(np.repeat([1.0, 3, 2], 4), 6)
    panel = 10 * short * long * np.ones((3, 1))
    found = forecasts(statistical(Panel(12, (4, 12))), panel)
    for name in ("level", "theta", "damped trend"):
        np.testing.assert_allclose(found[name], panel[:, :12], rtol=0.25, err_msg=name)


def test_only_demand_has_members_of_demand() -> None:
    assert {"TSB", "SBA"} <= set(statistical(Panel(2, is_demand=True)))
    assert not {"TSB", "SBA"} & set(statistical(Panel(2)))
    assert BASELINE in statistical(Panel(2))


def test_too_little_history_has_no_boosting() -> None:
    assert boosted(np.ones((1, 2)), Panel(1)) == {}
