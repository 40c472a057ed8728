"""How well customers' purchases, spending and departures are foreseen, beside simple rules.

Two protocols, each with everything that is fitted known before the first day of the test:

- purchases: customers of a file of CDNOW's form, fitted until `split` (the end of the file's first
  half by default), tested on the days from it on;
- churn: customers with a purchase before the last 90 days of the file, which are held back; a
  customer who does not buy in them has left. Measures are also of customers known for 90 days.

Intervals are of 95 %, from customers drawn with replacement.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import cdnow
import evaluate_recommendations
import numpy as np
import polars as pl
from customer_lines import customer_days, read_lines
from customer_measures import (
    Measure,
    area_under_curve,
    calibration_error,
    captured,
    mean_error,
    rmse,
    share_inside,
    with_interval,
)
from sources import Form, form_of

from demand_insights_engine.customers import bgnbd, churn, gamma_gamma, intervals, pareto_nbd
from demand_insights_engine.customers.likelihood import Fit, FitError, bootstrap
from demand_insights_engine.customers.segments import segment
from demand_insights_engine.customers.transactions import (
    DAYS_A_WEEK,
    Floats,
    Histories,
    histories,
    purchase_days,
)

SEED = 20_261_125
CDNOW_SPLIT = date(1997, 10, 1)
"""The first day of the test in the paper on BG/NBD."""

ONLINE_RETAIL = "online_retail.parquet"
_REPLICATES = 100
_OURS, _RECENCY, _RFM, _PARETO = "BG/NBD", "recency rule", "RFM score", "Pareto/NBD"


def evaluate(file: Path | None, split: date | None = None) -> dict[str, Any]:
    """Purchases and churn of the customers of a file: retail lines, or of CDNOW's form.

    Without a file, purchases of CDNOW's sample, and churn of Online Retail in FLEET_DATA_DIR.
    Raises PurchasesError.
    """
    if file is not None:
        lines = read_lines(file) if form_of(file) is Form.LINES else None
        days = cdnow.read(file) if lines is None else customer_days(lines)
        found: dict[str, Any] = {
            "purchases": _or_reason(purchases, days, split),
            "churn": _or_reason(departures, days),
        }
        if lines is not None:
            found["new products"] = _or_reason(evaluate_recommendations.evaluate, lines, seed=SEED)
        return found
    found = {"CDNOW": purchases(cdnow.read(cdnow.sample()), CDNOW_SPLIT)}
    retail = Path(os.environ.get("FLEET_DATA_DIR", ""), ONLINE_RETAIL)
    if not retail.is_file():
        return {**found, "churn": f"set FLEET_DATA_DIR to a folder with {ONLINE_RETAIL}"}
    lines = read_lines(retail)
    return {
        **found,
        "churn": departures(customer_days(lines)),
        "new products": evaluate_recommendations.evaluate(lines, seed=SEED),
    }


def purchases(days: pl.DataFrame, split: date | None = None) -> dict[str, Any]:
    """The fits until `split`, and their errors from it on. Raises PurchasesError."""
    first, last = _span(days)
    split = split or first + timedelta(days=(last - first).days // 2)
    if not first < split <= last:
        raise cdnow.PurchasesError(
            f"the test must begin between {first + timedelta(days=1)} and {last}, not on {split}"
        )
    weeks = ((last - split).days + 1) / DAYS_A_WEEK
    known = histories(days, split)
    try:
        sample, amounts = bgnbd.sample(known), gamma_gamma.sample(known)
    except FitError as error:
        raise cdnow.PurchasesError(f"before {split}: {error}") from error
    fits: dict[str, Fit[Any]] = {
        _OURS: bgnbd.fit(sample),
        _PARETO: pareto_nbd.fit(sample),
        "Gamma-Gamma": gamma_gamma.fit(amounts),
    }
    replicates = bootstrap(
        fits[_OURS], bgnbd.log_likelihood, sample, replicates=_REPLICATES, seed=SEED
    )
    bought, spent = _future(days, known, split, last + timedelta(days=1))
    observed = np.maximum(known.age, 1 / DAYS_A_WEEK)
    forecasts = {
        _OURS: bgnbd.expected_purchases(fits[_OURS].model, known, weeks),
        _PARETO: pareto_nbd.expected_purchases(fits[_PARETO].model, known, weeks),
        "the customer's own rate": known.frequency / observed * weeks,
        "the mean rate of all": np.full(len(known), known.frequency.sum() / observed.sum() * weeks),
    }
    amounts_model = fits["Gamma-Gamma"].model
    amount = gamma_gamma.expected_amount(amounts_model, known)
    held, _ = intervals.purchases_and_spend(replicates, amounts_model, known, weeks, seed=SEED)
    worths = {
        f"{_OURS} and Gamma-Gamma": forecasts[_OURS] * amount,
        "spent so far": known.amount - known.returned_amount,
    }
    return {
        "customers": len(known),
        "days": [first.isoformat(), last.isoformat()],
        "test from": split.isoformat(),
        "weeks of test": round(weeks, 2),
        "fits": {name: _fit(fit) for name, fit in fits.items()},
        f"intervals of {_OURS}": _spread(replicates),
        "rank correlation of frequency and amount": round(gamma_gamma.dependence(known), 4),
        "purchases": {
            "expected": round(float(forecasts[_OURS].sum()), 1),
            "made": int(bought.sum()),
        },
        "RMSE of purchases": _measured(forecasts, bought, rmse),
        "outcomes inside of 90 % intervals": with_interval(
            share_inside, np.stack((held.lower, held.upper), axis=1), bought, seed=SEED
        ),
        "mean error of purchases": _measured(forecasts, bought, mean_error),
        "top-decile spend captured": _measured(worths, spent, captured),
    }


def departures(days: pl.DataFrame) -> dict[str, Any]:
    """Who leaves in the last 90 days; `days` as transactions reads them. Raises PurchasesError."""
    _, last = _span(days)
    end = last + timedelta(days=1)
    as_of = end - timedelta(days=churn.HORIZON_DAYS)
    known = histories(days, as_of)
    try:
        model = churn.train(days, as_of)
        sample = bgnbd.sample(known)
        fitted, amounts = bgnbd.fit(sample), gamma_gamma.fit(gamma_gamma.sample(known))
        pareto = pareto_nbd.fit(sample)
    except (churn.ChurnError, FitError) as error:
        raise cdnow.PurchasesError(f"churn cannot be measured: {error}") from error
    left = churn.left(days, as_of)
    _, spent = _future(days, known, as_of, end)
    weeks = churn.HORIZON_DAYS / DAYS_A_WEEK
    probability = model.probabilities(churn.features(days, as_of))
    expected = bgnbd.expected_purchases(fitted.model, known, weeks)
    found = segment(known)
    scores = {
        "gradient boosting": probability,
        f"{_OURS}, expected purchases": -expected,
        f"{_OURS}, P(alive)": -bgnbd.p_alive(fitted.model, known),
        f"{_PARETO}, P(alive)": -pareto_nbd.p_alive(pareto.model, known),
        _RECENCY: known.age - known.recency,
        _RFM: -(found.recency + found.frequency + found.monetary),
    }
    worths = {
        f"{_OURS} and Gamma-Gamma": expected * gamma_gamma.expected_amount(amounts.model, known),
        "spent so far": known.amount - known.returned_amount,
        _RFM: found.recency + found.frequency + found.monetary,
    }
    long_known = known.age * DAYS_A_WEEK >= churn.HORIZON_DAYS - 1
    return {
        "customers": len(known),
        "as of": as_of.isoformat(),
        "days": churn.HORIZON_DAYS,
        "left": round(float(left.mean()), 4),
        "left in the training": round(model.share, 4),
        "snapshots": [one.isoformat() for one in model.snapshots],
        "BG/NBD": _fit(fitted),
        "AUC": _measured(scores, left, area_under_curve),
        "customers known for 90 days": int(long_known.sum()),
        "AUC, customers known for 90 days": _measured(
            {name: score[long_known] for name, score in scores.items()},
            left[long_known],
            area_under_curve,
        ),
        "calibration error": _measured(
            {
                "gradient boosting": probability,
                "the share of the training": np.full(len(left), model.share),
            },
            left,
            calibration_error,
        ),
        "top-decile spend captured": _measured(worths, spent, captured),
    }


def _or_reason(measure: Callable[..., dict[str, Any]], *data: Any, **others: Any) -> Any:
    """The measures, or why the data do not allow them."""
    try:
        return measure(*data, **others)
    except cdnow.PurchasesError as error:
        return str(error)


def lines(found: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """What was measured as text."""
    pad = "  " * indent
    for name, value in found.items():
        if isinstance(value, Mapping) and "value" in value:
            yield f"{pad}{name}: {value['value']} [{value['low']}, {value['high']}]"
        elif isinstance(value, Mapping):
            yield f"{pad}{name}:"
            yield from lines(value, indent + 1)
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"{pad}{name}: {text}"


def _span(days: pl.DataFrame) -> tuple[date, date]:
    first, last = days["day"].min(), days["day"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise cdnow.PurchasesError("there are no purchases")
    return first, last


def _future(days: pl.DataFrame, known: Histories, begin: date, end: date) -> tuple[Floats, Floats]:
    """Purchase days and their amount from `begin` until before `end`, of each known customer."""
    later = (
        purchase_days(days, end)
        .filter(pl.col("day") >= begin)
        .group_by("customer_id")
        .agg(pl.len().cast(pl.Float64).alias("bought"), pl.col("amount").sum())
    )
    rows = (
        pl.DataFrame({"customer_id": known.customer_id})
        .join(later, on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col("bought", "amount").fill_null(0.0))
    )
    return rows["bought"].to_numpy(), rows["amount"].to_numpy()


def _measured(
    scores: Mapping[str, Floats], truth: Any, measure: Callable[[Any, Any], float]
) -> dict[str, Measure]:
    return {name: with_interval(measure, score, truth, seed=SEED) for name, score in scores.items()}


def _fit(fit: Fit[Any]) -> dict[str, Any]:
    parameters = {name: round(value, 4) for name, value in vars(fit.model).items()}
    found = {**parameters, "log-likelihood": round(float(fit.log_likelihood), 1)}
    return {**found, "not told by the data": list(fit.unbounded)} if fit.unbounded else found


def _spread(models: list[Any]) -> dict[str, list[float]]:
    values = {name: [vars(model)[name] for model in models] for name in vars(models[0])}
    return {
        name: np.quantile(found, (0.025, 0.975)).round(4).tolist() for name, found in values.items()
    }
