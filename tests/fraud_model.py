"""A small fraud model by hand: high amounts, and terminals with known frauds, are suspicious."""

from __future__ import annotations

from typing import Any

from compliance_guardian.fraud.calibration import Calibration
from compliance_guardian.fraud.costs import Bin
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import FeatureBins, Model
from compliance_guardian.fraud.trees import Trees

NAMES = [feature.name for feature in FEATURES]


def stump(feature: str, threshold: float, below: float, above: float) -> dict[str, list[Any]]:
    """A tree of xgboost's JSON with one split; a missing value counts as below."""
    return {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [NAMES.index(feature), 0, 0],
        "split_conditions": [threshold, below, above],
        "default_left": [1, 0, 0],
        "split_type": [0, 0, 0],
        "sum_hessian": [100.0, 90.0, 10.0],
    }


def learner(*trees: dict[str, list[Any]]) -> dict[str, Any]:
    """What xgboost saves of these trees, as far as it is read."""
    return {
        "learner": {
            "objective": {"name": "binary:logistic"},
            "learner_model_param": {"base_score": "[5E-1]", "num_feature": str(len(FEATURES))},
            "gradient_booster": {"model": {"trees": list(trees)}},
        }
    }


BAG = [
    learner(stump("amount_ratio", 2.5, -3.0, 3.0), stump("terminal_frauds", 0.5, -1.0, 4.0)),
    learner(stump("amount_ratio", 3.0, -3.5, 2.5), stump("terminal_frauds", 0.5, -1.5, 4.5)),
]
MODEL = Model(
    version="1.0+0123456789ab",
    bag=tuple(Trees.from_xgboost(member) for member in BAG),
    line=Calibration(-1.0, 1.0, 0.01, 0.001, -0.002),
    calibration=(Bin(0.01, 900, 9), Bin(0.3, 80, 24), Bin(0.9, 20, 18)),
    training_bins={name: FeatureBins((0.5, 2.5), (500, 300, 150, 50)) for name in NAMES},
)
