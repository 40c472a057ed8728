"""How well unusual weeks, changes and stock-outs are found that were put into real demand.

Real demand has dispersion, trends and seasons that no simulation has; what is put in is known. All
is put in by a seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import lines as retail
import numpy as np
import polars as pl
from made_up_shop import SEED
from numpy.typing import NDArray

from demand_insights_engine.censoring import censored
from demand_insights_engine.changes.anomalies import anomalies
from demand_insights_engine.changes.movers import moves

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHARE = 0.02
"""Of weeks that are made unusual, by a factor of 5 up or down."""
_FACTOR = 5.0
_LEAST_MEAN = 10.0
_PERMUTED_WEEKS = 20
_CHANGED = 0.1
_BREAKS = (7, 14, 28)


def evaluate(file: Path | None, seed: int = SEED) -> dict[str, Any]:
    """All measures on retail lines, Online Retail unless a file is given. Raises LinesError."""
    rows = retail.read(retail.retail_file(file))
    chance = np.random.Generator(np.random.PCG64(seed))
    weekly, daily = retail.weekly(rows).units, retail.daily(rows).units
    orders = retail.weekly(rows.with_columns(pl.lit(1.0).alias("quantity"))).units
    busy = _busy(weekly)
    if not len(busy):
        raise retail.LinesError(f"no product sells {_LEAST_MEAN:g} units a week")
    return {
        "seed": seed,
        "unusual weeks": _unusual(busy, chance),
        "changes of orders": _changes(_busy(orders), chance),
        "changes of units": _changes(busy, chance),
        "stock-outs": _stock_outs(daily, chance),
    }


def _busy(units: Floats) -> Floats:
    known = (~np.isnan(units)).sum(axis=1)
    mean = np.nansum(units, axis=1) / np.maximum(known, 1)
    return np.asarray(units[mean >= _LEAST_MEAN], dtype=np.float64)


def _unusual(units: Floats, chance: np.random.Generator) -> dict[str, Any]:
    is_changed = (chance.random(units.shape) < SHARE) & ~np.isnan(units)
    factor = _FACTOR ** chance.choice([-1.0, 1.0], units.shape)
    changed = np.where(is_changed, np.round(units * factor), units)
    found = {}
    for name, method in (("robust", _robust), ("three sigma", _three_sigma)):
        # What a method finds without any change may be unusual by itself, so it is not judged.
        judged = ~method(units) | is_changed
        found[name] = _quality(method(changed) & judged, is_changed)
    return found


def _robust(units: Floats) -> Bools:
    return anomalies(units, cycle=52).is_unusual


def _three_sigma(units: Floats) -> Bools:
    """The baseline: beyond three standard deviations from the mean (Shewhart, 1931)."""
    mean = np.nanmean(units, axis=1, keepdims=True)
    deviation = np.nanstd(units, axis=1, keepdims=True)
    return np.asarray(np.abs(np.nan_to_num(units - mean)) > 3 * deviation, dtype=np.bool_)


def _changes(units: Floats, chance: np.random.Generator) -> dict[str, Any]:
    """Recent weeks in random order have no latest change; a tenth of them gets one. The baseline is
    a change by more than half."""
    recent = units[~np.isnan(units[:, -_PERMUTED_WEEKS:]).any(axis=1), -_PERMUTED_WEEKS:]
    shuffled = chance.permuted(recent, axis=1)
    is_changed = chance.random(len(shuffled)) < _CHANGED
    shuffled[is_changed, -1] = np.round(shuffled[is_changed, -1] * _FACTOR)
    found = moves(shuffled)
    percent = np.abs(found.latest / np.maximum(found.usual, 1e-9) - 1) > 0.5
    return {
        "tested": _quality(found.is_significant, is_changed),
        "by more than half": _quality(percent, is_changed),
    }


def _stock_outs(units: Floats, chance: np.random.Generator) -> dict[str, Any]:
    """Breaks put into products that sell on half of the open days or more."""
    base = censored(units)
    known = base.known(units)
    is_open = ~base.is_closed
    rate = (np.nan_to_num(units) > 0)[:, is_open].mean(axis=1)
    found: dict[str, Any] = {
        "closed days": int(base.is_closed.sum()),
        "share of days out": round(float(base.is_out.sum() / (~np.isnan(known)).sum()), 4),
    }
    for length in _BREAKS:
        rows = np.flatnonzero(rate >= 0.5)
        cut = units.copy()
        starts = chance.integers(60, max(units.shape[1] - 60 - length, 61), rows.size)
        for row, start in zip(rows, starts, strict=True):
            cut[row, start : start + length] = 0
        is_out = censored(cut).is_out
        hits = [
            bool(is_out[row, start : start + length][is_open[start : start + length]].all())
            for row, start in zip(rows, starts, strict=True)
        ]
        found[f"{length} days"] = {
            "products": len(hits),
            "found": round(float(np.mean(hits)), 3) if hits else None,
        }
    return found


def _quality(found: Bools, truth: Bools) -> dict[str, float]:
    hits = int((found & truth).sum())
    return {
        "precision": round(hits / max(int(found.sum()), 1), 3),
        "recall": round(hits / max(int(truth.sum()), 1), 3),
        "put in": int(truth.sum()),
    }


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found as text."""
    yield f"{'put into real demand':<24}{'':<20}{'precision':>10}{'recall':>10}{'put in':>10}"
    for name in ("unusual weeks", "changes of orders", "changes of units"):
        for method, values in found[name].items():
            yield (
                f"{name:<24}{method:<20}{values['precision']:>10.3f}{values['recall']:>10.3f}"
                f"{values['put in']:>10,}"
            )
    out = found["stock-outs"]
    yield (
        f"{out['closed days']} days closed; of the others {out['share of days out']:.2%} are taken "
        "for stock-outs as the data is"
    )
    for name, values in out.items():
        if isinstance(values, dict) and values["found"] is not None:
            yield f"breaks of {name} found: {values['found']:.3f} of {values['products']:,}"
