"""Sums of decision trees, read from an xgboost model's JSON: margins and exact Shapley values.

A margin is in log-odds: the base and one leaf of each tree. Its Shapley values are those of the
path-dependent TreeSHAP (Lundberg, Erion, Lee, 2018), which xgboost's `pred_contribs` gives too.
Here they are integrals: the weight of a set of s of k features is the integral of
t^s (1-t)^(k-1-s) over [0, 1]. So each leaf needs the integral of one product, which a
Gauss-Legendre rule gives exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, log
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int32]

_NO_CHILD = -1
_MOST_STEPS = 8


class TreesError(Exception):
    """The model does not have a form that this reader knows; the message says what was found."""


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees in one row; the children of a leaf are the leaf itself.

    A row goes left where its value is below the threshold, compared in single precision, and to
    `default_left`'s side where it is NaN. `value` counts at leaves, `cover` is the weight of the
    rows of the training that passed.
    """

    base: float
    features: int
    roots: Indices
    depth: int
    feature: Indices
    threshold: NDArray[np.float32]
    default_left: Bools
    left: Indices
    right: Indices
    value: Floats
    cover: Floats

    @classmethod
    def from_xgboost(cls, model: Mapping[str, Any]) -> Self:
        """The trees of `Booster.save_raw("json")`, of a binary logistic model without categories.

        Raises TreesError.
        """
        learner = model["learner"]
        objective = learner["objective"]["name"]
        if objective != "binary:logistic":
            raise TreesError(f"the objective is {objective!r}; this reads binary:logistic")
        parameters = learner["learner_model_param"]
        probability = float(parameters["base_score"].strip("[]"))
        trees = learner["gradient_booster"]["model"]["trees"]
        if any(any(tree["split_type"]) for tree in trees):
            raise TreesError("the model splits by categories; this reads splits by numbers")
        sizes = [len(tree["left_children"]) for tree in trees]
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        offset = np.repeat(roots, sizes)
        own = np.arange(len(offset), dtype=np.int32)

        def column(name: str) -> Floats:
            return np.concatenate([np.asarray(tree[name], dtype=np.float64) for tree in trees])

        children = (
            column("left_children").astype(np.int32),
            column("right_children").astype(np.int32),
        )
        leaf = children[0] == _NO_CHILD
        left, right = (np.where(leaf, own, child + offset).astype(np.int32) for child in children)
        conditions = column("split_conditions")
        return cls(
            base=log(probability / (1 - probability)),
            features=int(parameters["num_feature"]),
            roots=roots,
            depth=_depth(roots, left, right),
            feature=np.where(leaf, 0, column("split_indices")).astype(np.int32),
            threshold=conditions.astype(np.float32),
            default_left=column("default_left").astype(bool),
            left=left,
            right=right,
            value=np.where(leaf, conditions, 0.0),
            cover=column("sum_hessian"),
        )

    def margins(self, rows: Floats) -> Floats:
        """The margins of rows (n by features)."""
        values = rows.astype(np.float32)
        # Flat indices, as `take` by them is far quicker than indexing by two arrays.
        row = np.arange(len(values))[:, np.newaxis] * self.features
        feature, children = self.feature.astype(np.intp), self._children
        at = np.tile(self.roots.astype(np.intp), (len(values), 1))
        for _ in range(self.depth):
            value = values.take(feature.take(at) + row)
            goes_left = value < self.threshold.take(at)
            goes_left |= np.isnan(value) & self.default_left.take(at)
            at = children.take(2 * at + goes_left)
        margins: Floats = self.base + self.value.take(at).sum(axis=1)
        return margins

    @cached_property
    def _children(self) -> NDArray[np.intp]:
        """The right and the left child of each node, in turn."""
        return np.column_stack([self.right, self.left]).astype(np.intp).ravel()


@dataclass(frozen=True)
class Explainer:
    """The Shapley values of the mean margin of a bag.

    The arrays are of leaves by steps. A step joins the splits of a path by one feature: a value
    passes from `low` to below `high`, NaN where `missing`. Steps beyond those of a leaf always
    pass. `parts` are of leaves by sets of steps that a row passes, numbered in binary, by steps:
    what each step then contributes.
    """

    expected: float
    features: int
    feature: Indices
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    missing: Bools
    parts: Floats

    @classmethod
    def of(cls, bag: Sequence[Trees]) -> Self:
        """The explainer of these members of a bag. Raises TreesError if a tree is too deep."""
        paths = [
            (value / len(bag), path)
            for trees in bag
            for root in trees.roots.tolist()
            for value, path in _paths(trees, root, {})
        ]
        steps = max(1, *(len(path) for _, path in paths)) if paths else 1
        if steps > _MOST_STEPS:
            raise TreesError(
                f"a path splits by {steps} features; explanations need {_MOST_STEPS} at most"
            )
        always = (0, -inf, inf, True, 1.0)
        table = [
            [(feature, *step) for feature, step in path.items()] + [always] * (steps - len(path))
            for _, path in paths
        ]
        columns = [
            np.array([[step[i] for step in row] for row in table]).reshape(-1, steps)
            for i in range(len(always))
        ]
        leaf = np.array([value for value, _ in paths])
        share = columns[4].astype(np.float64)
        base = sum(trees.base for trees in bag) / len(bag)
        return cls(
            expected=base + float((leaf * share.prod(axis=1)).sum()),
            features=bag[0].features,
            feature=columns[0].astype(np.int32),
            low=columns[1].astype(np.float32),
            high=columns[2].astype(np.float32),
            missing=columns[3].astype(bool),
            parts=_parts(leaf, share),
        )

    def contributions(self, row: Floats) -> Floats:
        """What each feature of a row adds to `expected`; together they give the margin."""
        values = row.astype(np.float32)[self.feature]
        passes = (values >= self.low) & (values < self.high)
        # A step without an upper bound passes infinity too.
        passes |= (values == np.inf) & (self.high == np.inf)
        passes |= np.isnan(values) & self.missing
        leaves, steps = passes.shape
        which = passes @ (1 << np.arange(steps))
        parts = self.parts[np.arange(leaves), which]
        sums = np.bincount(self.feature.ravel(), parts.ravel(), self.features)
        return sums.astype(np.float64, copy=False)


def _parts(leaf: Floats, share: Floats) -> Floats:
    """What each step contributes to leaves of these values, for every set of steps that pass;
    `share` is the part of the rows of the training that passed each step."""
    steps = share.shape[1]
    passes = (np.arange(1 << steps)[:, np.newaxis] >> np.arange(steps)) & 1
    share = share[:, np.newaxis]
    nodes, weights = np.polynomial.legendre.leggauss((steps + 1) // 2)
    total = np.zeros((len(leaf), *passes.shape))
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        factors = node * passes + (1 - node) * share
        total += weight * factors.prod(axis=-1, keepdims=True) / factors
    return leaf[:, np.newaxis, np.newaxis] * (passes - share) * total


Step = tuple[float, float, bool, float]


def _paths(
    trees: Trees, node: int, path: dict[int, Step]
) -> Iterator[tuple[float, dict[int, Step]]]:
    """The leaves below a node: value, and the steps that lead to each by feature."""
    left, right = int(trees.left[node]), int(trees.right[node])
    if left == node:
        yield float(trees.value[node]), path
        return
    feature, threshold = int(trees.feature[node]), float(trees.threshold[node])
    to_left = bool(trees.default_left[node])
    low, high, missing, share = path.get(feature, (-inf, inf, True, 1.0))
    for child, bounds, takes_missing in (
        (left, (low, min(high, threshold)), to_left),
        (right, (max(low, threshold), high), not to_left),
    ):
        part = share * float(trees.cover[child] / trees.cover[node])
        step = (*bounds, missing and takes_missing, part)
        yield from _paths(trees, child, {**path, feature: step})


def _depth(roots: Indices, left: Indices, right: Indices) -> int:
    """Splits on the longest path."""
    depth, level = 0, roots
    while len(level := level[left[level] != level]):
        level = np.concatenate([left[level], right[level]])
        depth += 1
    return depth
