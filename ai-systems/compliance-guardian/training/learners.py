"""The recipe of the fraud model, and the models that it is compared with.

Each takes rows of FEATURES and whether they are fraud, and gives scores of other rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from compliance_guardian.fraud.features import FEATURES, WINDOWS

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Learner: TypeAlias = Callable[[Floats, Mask, Floats], Floats]

SEED = 20_261_125
MEMBERS = 6
HONEST_SHARE = 0.15
"""The share of honest payments that each member of the bag trains on; all see every fraud."""
ROUNDS = 60
PARAMETERS = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 5,
    "eta": 0.1,
    "min_child_weight": 5,
    "subsample": 0.8,
    "colsample_bynode": 0.5,
    # One thread, so that the sums, and with them the bytes, are always the same.
    "nthread": 1,
}
PUBLISHED = [
    "amount",
    "is_weekend",
    "is_night",
    *(f"customer_{kind}_{days}d" for kind in ("count", "mean_amount") for days in WINDOWS),
    *(f"terminal_{kind}_{days}d" for kind in ("count", "fraud_risk") for days in WINDOWS),
]
"""The handbook's features, which `transaction_features` has too."""

_PUBLISHED_COLUMNS = [[feature.name for feature in FEATURES].index(name) for name in PUBLISHED]
_READ = (
    "left_children",
    "right_children",
    "split_indices",
    "split_conditions",
    "default_left",
    "split_type",
    "sum_hessian",
)


def boosters(rows: Floats, fraud: Mask) -> list[xgboost.Booster]:
    """The members of a bag."""
    frauds, honest = np.flatnonzero(fraud), np.flatnonzero(~fraud)
    size = max(round(len(honest) * HONEST_SHARE), min(len(honest), len(frauds)))
    members = []
    for number in range(MEMBERS):
        random = np.random.Generator(np.random.PCG64([SEED, number]))
        chosen = np.sort(np.append(frauds, random.choice(honest, size, replace=False)))
        matrix = xgboost.DMatrix(rows[chosen], fraud[chosen])
        members.append(xgboost.train({**PARAMETERS, "seed": number}, matrix, ROUNDS))
    return members


def read_part(booster: xgboost.Booster) -> Mapping[str, Any]:
    """The part of a booster's JSON that `Trees.from_xgboost` reads."""
    learner = json.loads(booster.save_raw("json"))["learner"]
    parameters = learner["learner_model_param"]
    trees = learner["gradient_booster"]["model"]["trees"]
    return {
        "learner": {
            "objective": {"name": learner["objective"]["name"]},
            "learner_model_param": {
                name: parameters[name] for name in ("base_score", "num_feature")
            },
            "gradient_booster": {
                "model": {"trees": [{name: tree[name] for name in _READ} for tree in trees]}
            },
        }
    }


def logistic_regression(rows: Floats, fraud: Mask, others: Floats) -> Floats:
    """Logistic regression on the published features, standardised."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    model.fit(rows[:, _PUBLISHED_COLUMNS], fraud)
    return _probabilities(model.predict_proba(others[:, _PUBLISHED_COLUMNS]))


def default_xgboost(rows: Floats, fraud: Mask, others: Floats) -> Floats:
    """xgboost on the published features with its defaults."""
    parameters = {"objective": "binary:logistic", "nthread": 1}
    matrix = xgboost.DMatrix(rows[:, _PUBLISHED_COLUMNS], fraud)
    model = xgboost.train(parameters, matrix, num_boost_round=100)
    scores = model.predict(xgboost.DMatrix(others[:, _PUBLISHED_COLUMNS]))
    return np.asarray(scores, dtype=np.float64)


def random_forest(rows: Floats, fraud: Mask, others: Floats) -> Floats:
    """A random forest on all features; -1 stands for what does not apply.

    Each tree sees a fifth of the payments, which trains faster and ranks no worse.
    """
    model = RandomForestClassifier(100, min_samples_leaf=2, max_samples=0.2, random_state=SEED)
    model.fit(np.nan_to_num(rows, nan=-1), fraud)
    return _probabilities(model.predict_proba(np.nan_to_num(others, nan=-1)))


BASELINES: Mapping[str, Learner] = {
    "logistic regression, published features": logistic_regression,
    "default XGBoost, published features": default_xgboost,
    "random forest, our features": random_forest,
}


def _probabilities(of_classes: Floats) -> Floats:
    return np.asarray(of_classes, dtype=np.float64)[:, 1]
