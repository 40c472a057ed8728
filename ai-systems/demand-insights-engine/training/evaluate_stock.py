"""Whether stock advice reaches its service level, and how much stock it holds for that.

Protocol: demand by week; the first half of the weeks is history. Then each week the advice is made
again from the weeks before it and simulated, with unmet demand owed. Lead times are 1, 2 or 3
weeks with probabilities .25, .5 and .25; stock is reviewed each week. Products are those that sold
in at least a third of the weeks of history. The textbook rule has the mean and the standard
deviation of the same weeks. "In hindsight" is that rule with the safety that would have reached the
service of the advice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import lines as retail
import numpy as np
from made_up_shop import SEED, made_up_shop
from numpy.typing import NDArray

from demand_insights_engine.likeness import LEVELS, Known, first_weeks
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import Terms, policy
from demand_insights_engine.stock.protection import protection, samples
from demand_insights_engine.stock.simulation import Outcome, normal_reorder_point, simulate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAD_TIME = LeadTime((1, 2, 3), (0.25, 0.5, 0.25))
ADVICE, TEXTBOOK, HINDSIGHT = "our advice", "normal approximation", "the same in hindsight"
TERMS = {
    "service 95 %": Terms(0.95),
    "service 95 %, in twelves": Terms(0.95, multiple=12),
    "service 90 %": Terms(0.90),
    "service 98 %": Terms(0.98),
}
FIRST_WEEKS = 8
LEAST_WEEKS = 24


def evaluate(file: Path | None, seed: int = SEED) -> dict[str, Any]:
    """All measures on a file of retail lines; without one on Online Retail in FLEET_DATA_DIR, if it
    is there, and on the made-up shop. Raises LinesError."""
    if file is not None:
        return {file.name: _of_lines(file)}
    units = made_up_shop(seed).demand.units
    weeks = units.shape[1] // 7
    # A week in which a product begins is not whole.
    whole = units[:, : 7 * weeks].reshape(len(units), weeks, 7).sum(axis=2)
    try:
        public: Any = _of_lines(retail.retail_file(None))
    except retail.LinesError as error:
        public = str(error)
    return {retail.FILE: public, f"made-up shop, seed {seed}": service_levels(whole)}


def _of_lines(file: Path) -> dict[str, Any]:
    demand = retail.weekly(retail.read(file))
    return {**service_levels(demand.units), "new products": new_products(demand)}


def service_levels(units: Floats) -> dict[str, Any]:
    """Service and stock of all policies by terms. Raises LinesError where weeks are too few."""
    begin = units.shape[1] // 2
    if begin < LEAST_WEEKS // 2:
        raise retail.LinesError(f"{units.shape[1]} whole weeks; {LEAST_WEEKS} are needed")
    sells = (np.nan_to_num(units[:, :begin]) > 0).sum(axis=1) >= begin / 3
    if not sells.any():
        raise retail.LinesError("no product sold in a third of the weeks of the first half")
    chosen = units[sells]
    longest = LEAD_TIME.longest + max(terms.review for terms in TERMS.values())
    quantiles = cache(lambda until: protection(chosen[:, :until], longest).quantiles)
    return {
        "products": int(sells.sum()),
        "weeks": units.shape[1] - begin,
        "policies": {
            name: _policies(chosen, begin, terms, quantiles) for name, terms in TERMS.items()
        },
    }


def _policies(
    units: Floats, begin: int, terms: Terms, quantiles: Callable[[int], Floats]
) -> dict[str, Any]:
    def ours(week: int) -> Ints:
        return policy(
            samples(quantiles(begin + week), LEAD_TIME, terms.review), terms
        ).reorder_point

    def textbook(level: float) -> Callable[[int], Ints]:
        rule = Terms(level, terms.multiple, terms.minimum, terms.review)

        def points(week: int) -> Ints:
            history = units[:, : begin + week]
            known = np.where(np.isnan(history), 0, history)
            return normal_reorder_point(
                known.mean(axis=1), known.std(axis=1, ddof=1), LEAD_TIME, rule
            )

        return points

    def run(points: Callable[[int], Ints]) -> Outcome:
        demand = np.rint(np.nan_to_num(units[:, begin:])).astype(np.int64)
        return simulate(demand, points, terms, LEAD_TIME)

    advice = run(ours)
    low, high = 0.5, 1 - 1e-9
    for _ in range(12):  # halves the distance in standard deviations
        z = [NormalDist().inv_cdf(level) for level in (low, high)]
        level = NormalDist().cdf(sum(z) / 2)
        if run(textbook(level)).service.mean() < advice.service.mean():
            low = level
        else:
            high = level
    return {
        ADVICE: _measures(advice),
        TEXTBOOK: _measures(run(textbook(terms.service_level))),
        HINDSIGHT: _measures(run(textbook(high))),
    }


def _measures(found: Outcome) -> dict[str, float]:
    """Service with half of its 95 % interval over products; stock in weeks of mean demand."""
    spread = 1.96 * float(found.service.std(ddof=1)) / sqrt(len(found.service))
    return {
        "service": round(float(found.service.mean()), 4),
        "plus or minus": round(spread, 4),
        "demand met": round(float(np.nansum(found.met * found.demand) / found.demand.sum()), 4),
        "weeks of stock": round(float(found.stock.sum() / found.demand.sum()), 3),
    }


def new_products(demand: retail.Demand) -> dict[str, Any]:
    """The first weeks of products against those of all earlier products alike, by pinball loss of
    log(1 + units). Only products whose first weeks had passed by then count as known. Measured on
    the later half of new products: the earlier one settled the constants."""
    first = (~np.isnan(demand.units)).argmax(axis=1)
    new = np.flatnonzero((first > FIRST_WEEKS) & (first + FIRST_WEEKS <= demand.periods))
    later = new[first[new] > np.median(first[new])] if new.size else new
    losses, inside = [], []
    for row in later.tolist():
        past = np.flatnonzero((first > 0) & (first + FIRST_WEEKS <= first[row]))
        if not past.size:
            continue
        early = np.stack([_early(demand.units, at, first) for at in past.tolist()])
        price = demand.price[np.arange(len(first)), first]
        known = Known(
            [demand.descriptions[at] for at in past], price[past], np.full(past.size, -1), early
        )
        found = first_weeks(known, demand.descriptions[row], float(price[row]))
        units = float(_early(demand.units, row, first).sum())
        everyone = np.quantile(early.sum(axis=1), LEVELS)
        losses.append([_pinball(units, one) for one in (found.quantiles, everyone)])
        inside.append(found.quantiles[0] <= units <= found.quantiles[-1])
    if not losses:
        return {"products": 0}
    ours, everyone = np.mean(losses, axis=0)
    gain = np.array(losses)[:, 1] - np.array(losses)[:, 0]
    return {
        "products": len(losses),
        "pinball loss": round(float(ours), 4),
        "of the mean of all": round(float(everyone), 4),
        "gain, plus or minus": round(1.96 * float(gain.std()) / sqrt(len(gain)), 4),
        "90 % intervals with the truth": round(float(np.mean(inside)), 3),
    }


def _early(units: Floats, row: int, first: Ints) -> Floats:
    return units[row, first[row] : first[row] + FIRST_WEEKS]


def _pinball(units: float, quantiles: Floats) -> float:
    apart = np.log1p(units) - np.log1p(quantiles)
    levels = np.asarray(LEVELS)
    return float(np.maximum(levels * apart, (levels - 1) * apart).mean())


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found as text."""
    for file, measured in found.items():
        if isinstance(measured, str):
            yield f"stock of {file} is not measured: {measured}"
            yield ""
            continue
        yield f"stock of {measured['products']:,} products over {measured['weeks']} weeks: {file}"
        yield ""
        yield f"{'':<28}{'policy':<24}{'service':>16}{'demand met':>12}{'weeks of stock':>16}"
        for terms, policies in measured["policies"].items():
            for name, values in policies.items():
                service = f"{values['service']:.3f} ± {values['plus or minus']:.3f}"
                yield (
                    f"{terms:<28}{name:<24}{service:>16}{values['demand met']:>12.3f}"
                    f"{values['weeks of stock']:>16.2f}"
                )
        if new := measured.get("new products"):
            yield ""
            yield f"first {FIRST_WEEKS} weeks of new products: " + ", ".join(
                f"{key} {value:,}" for key, value in new.items()
            )
        yield ""
