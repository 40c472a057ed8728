"""Margins are sums of leaves; contributions are Shapley values, by definition and as xgboost's."""

from itertools import combinations
from math import comb, inf, log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_guardian.fraud.trees import Explainer, Trees, TreesError

FEATURES = 4
VALUES = [-1.0, 0.0, 0.5, 1.0, 2.0, inf, -inf, nan]


def grown(draw, cover, depth, tree):
    """Append a node and those below it; return its index."""
    index = len(tree["left_children"])
    for name in tree:
        tree[name].append(0)
    tree["sum_hessian"][index] = cover
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        tree["left_children"][index] = tree["right_children"][index] = -1
        tree["split_conditions"][index] = draw(st.integers(-8, 8)) / 4
        return index
    tree["split_indices"][index] = draw(st.integers(0, FEATURES - 1))
    tree["split_conditions"][index] = draw(st.sampled_from([0.0, 0.5, 1.0]))
    tree["default_left"][index] = draw(st.integers(0, 1))
    share = draw(st.integers(1, 7)) / 8
    tree["left_children"][index] = grown(draw, cover * share, depth - 1, tree)
    tree["right_children"][index] = grown(draw, cover * (1 - share), depth - 1, tree)
    return index


NODE = (
    "left_children", "right_children", "split_indices", "split_conditions",
    "default_left", "split_type", "sum_hessian",
)  # fmt: skip


def learner(trees, objective="binary:logistic"):
    return {
        "learner": {
            "objective": {"name": objective},
            "learner_model_param": {"base_score": "[2.5E-1]", "num_feature": str(FEATURES)},
            "gradient_booster": {"model": {"trees": trees}},
        }
    }


@st.composite
def models(draw):
    trees = []
    for _ in range(draw(st.integers(1, 3))):
        tree = {name: [] for name in NODE}
        grown(draw, 64.0, 4, tree)
        trees.append(tree)
    return learner(trees)


def passes_left(tree, node, row):
    value = row[tree["split_indices"][node]]
    if value != value:
        return bool(tree["default_left"][node])
    return value < tree["split_conditions"][node]


def expected(tree, row, known, node=0):
    """The value of a tree where only some features are known: others split by cover."""
    left, right = tree["left_children"][node], tree["right_children"][node]
    if left == -1:
        return tree["split_conditions"][node]
    if tree["split_indices"][node] in known:
        return expected(tree, row, known, left if passes_left(tree, node, row) else right)
    covers = tree["sum_hessian"]
    return sum(
        covers[child] / covers[node] * expected(tree, row, known, child) for child in (left, right)
    )


def shapley(trees, row, feature):
    others = [other for other in range(FEATURES) if other != feature]
    return sum(
        (expected(tree, row, {*known, feature}) - expected(tree, row, known))
        / (FEATURES * comb(FEATURES - 1, size))
        for tree in trees
        for size in range(FEATURES)
        for known in map(set, combinations(others, size))
    )


@settings(max_examples=60, deadline=None)
@given(models(), st.lists(st.sampled_from(VALUES), min_size=FEATURES, max_size=FEATURES))
def test_margins_and_contributions_are_what_their_definitions_say(model, row):
    content = model["learner"]["gradient_booster"]["model"]["trees"]
    trees = Trees.from_xgboost(model)
    explainer = Explainer.of([trees])
    values = np.array(row)

    margin = trees.margins(values[np.newaxis])[0]
    contributions = explainer.contributions(values)

    everything = set(range(FEATURES))
    assert margin == pytest.approx(
        log(0.25 / 0.75) + sum(expected(tree, row, everything) for tree in content), abs=1e-12
    )
    assert contributions == pytest.approx(
        [shapley(content, row, feature) for feature in range(FEATURES)], abs=1e-12
    )
    assert explainer.expected + contributions.sum() == pytest.approx(margin, abs=1e-12)


def test_values_compare_in_single_precision():
    """As xgboost does: the double 0.1 is below the single 0.1 by which it splits."""
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [0, 0, 0],
        "split_conditions": [float(np.float32(0.1)), -1.0, 1.0],
        "default_left": [0, 0, 0],
        "split_type": [0, 0, 0],
        "sum_hessian": [2.0, 1.0, 1.0],
    }
    trees = Trees.from_xgboost(learner([tree]))
    row = np.array([0.1, nan, nan, nan])
    assert trees.margins(row[np.newaxis])[0] == pytest.approx(log(0.25 / 0.75) + 1)
    assert Explainer.of([trees]).contributions(row)[0] == pytest.approx(1)


def test_a_single_leaf_has_no_contributions():
    tree = {name: [0] for name in NODE} | {
        "left_children": [-1],
        "right_children": [-1],
        "split_conditions": [0.5],
    }
    trees = Trees.from_xgboost(learner([tree]))
    explainer = Explainer.of([trees])
    assert trees.margins(np.zeros((2, FEATURES))) == pytest.approx(log(0.25 / 0.75) + 0.5)
    assert explainer.contributions(np.zeros(FEATURES)).tolist() == [0.0] * FEATURES


def test_no_rows_have_no_margins():
    tree = {name: [0] for name in NODE} | {"left_children": [-1], "right_children": [-1]}
    assert Trees.from_xgboost(learner([tree])).margins(np.zeros((0, FEATURES))).shape == (0,)


def test_another_objective_is_refused():
    with pytest.raises(TreesError, match="'reg:squarederror'; this reads binary:logistic"):
        Trees.from_xgboost(learner([], "reg:squarederror"))


def test_splits_by_categories_are_refused():
    tree = {name: [0] for name in NODE} | {"split_type": [1]}
    with pytest.raises(TreesError, match="by categories"):
        Trees.from_xgboost(learner([tree]))


@settings(max_examples=20, deadline=None)
@given(
    models(),
    models(),
    st.lists(st.sampled_from(VALUES), min_size=FEATURES, max_size=FEATURES),
)
def test_contributions_of_a_bag_give_its_mean_margin(one, other, row):
    bag = [Trees.from_xgboost(one), Trees.from_xgboost(other)]
    explainer = Explainer.of(bag)
    values = np.array(row)
    mean = sum(trees.margins(values[np.newaxis])[0] for trees in bag) / 2
    contributions = explainer.contributions(values)
    assert explainer.expected + contributions.sum() == pytest.approx(mean, abs=1e-12)


def test_a_path_by_too_many_features_is_refused():
    depth = 9
    model = learner([])
    model["learner"]["learner_model_param"]["num_feature"] = str(depth)
    size = 2 * depth + 1
    tree = {name: [0] * size for name in NODE} | {"sum_hessian": [1.0] * size}
    tree["left_children"] = [-1] * size
    tree["right_children"] = [-1] * size
    for level in range(depth):
        tree["left_children"][2 * level] = 2 * level + 1
        tree["right_children"][2 * level] = 2 * level + 2
        tree["split_indices"][2 * level] = level
    model["learner"]["gradient_booster"]["model"]["trees"] = [tree]
    with pytest.raises(TreesError, match="by 9 features; explanations need 8 at most"):
        Explainer.of([Trees.from_xgboost(model)])
