"""Outliers of price and quantity among the product lines of one object.

The score adds up two views of a line, both relative to its own product:

- Surprise, minus the logarithm of the probability that a line of the product has this price or
  this quantity, learned from the other lines of the object. Prices are discrete: what betrays a
  typing error is less its distance than that nobody else paid it. So the probability is a mixture
  of the share of the product's other lines with exactly this price, and, for a price not seen
  before, a heavy-tailed density (Student t, two degrees of freedom) around the product's median
  log price. Where a product has few lines, centre and scale shrink to median and MAD of the
  object, and a new price is no surprise (as in the Good-Turing estimate; Good 1953). Quantities
  back off from the customer to the product to the object (Jelinek and Mercer 1980).
- Isolation (IsolationForest; Liu, Ting and Zhou 2008) of the two distances together: how far, in
  logarithms, price and quantity are from what is usual for the product.

Distances are taken to the product's level or to the order's or customer's own level, whichever is
nearer: a wholesale order, or a channel with prices of its own, is no error.

An error that many lines share, such as a whole file with prices in pence, is no outlier within
the object. Drift between objects shows it (history.py).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from raw_to_curated.quality.keys import PRODUCT

Values = npt.NDArray[np.float64]

THRESHOLD = 0.5
"""Lines with at least this score are outliers."""

# Chosen on lines of the first half of Online Retail; benchmarks/outliers measures them.
_USUAL_SCALE = 0.3  # of a log price around the median of its product
_NEW_PRICE_MASS = 0.02  # probability of one certain new price at the centre
_ORDER_LINES = 3  # from this many lines on an order has a level of its own
_CUSTOMER_LINES = 5
_ORDER_WEIGHT = 3.0  # lines that the object's share of new prices counts for, within an order
_BACK_OFF = 5.0  # lines that the more general distribution of quantities counts for
_QUANTITY_WEIGHT = 0.5  # quantities vary by nature
_ISOLATION_WEIGHT = 8.0
_PIVOT = 7.0  # nats of surprise at which the score is THRESHOLD
_SPREAD = 2.0

# A forest needs the sub-sample of its paper to tell what is isolated.
_FOREST_LINES = 256


def scores(lines: pl.DataFrame) -> Values:
    """Score of each line from 0 to 1, in the order of the frame. All lines are of products.

    Equal for equal lines in any order; rounded, so that the last bits of a logarithm do not show.
    """
    if lines.is_empty():
        return np.zeros(0)
    # Canonical order: the forest draws its sub-samples by position.
    facts = _facts(lines.with_row_index("position").sort("line_number"))
    price_distance = _price_distance(facts)
    quantity_distance = _quantity_distance(facts)
    surprise = np.maximum(
        _price_surprise(facts, price_distance), _QUANTITY_WEIGHT * _quantity_surprise(facts)
    )
    if lines.height >= _FOREST_LINES:
        isolation = _isolation(price_distance, quantity_distance)
        surprise += _ISOLATION_WEIGHT * (isolation - 0.5)
    result = np.empty(lines.height)
    result[facts["position"].to_numpy()] = 1 / (1 + np.exp((_PIVOT - surprise) / _SPREAD))
    return result.round(6)


def _facts(lines: pl.DataFrame) -> pl.DataFrame:
    """What is counted about each line: logarithms, medians and numbers of lines alike."""
    price = pl.col("unit_price").cast(pl.Float64).log()
    quantity = pl.col("quantity").cast(pl.Float64).log()
    is_known = pl.col("customer_id").is_not_null()
    return (
        lines.lazy()
        .select(
            "position",
            "order_id",
            "customer_id",
            "unit_price",
            "quantity",
            PRODUCT.alias("product"),
            price.alias("price"),
            quantity.alias("log_quantity"),
        )
        .with_columns(
            pl.len().over("product").alias("lines"),
            pl.len().over("product", "unit_price").alias("same_price"),
            pl.len().over("product", "quantity").alias("same_quantity"),
            pl.len().over("quantity").alias("object_same_quantity"),
            pl.len().over("order_id").alias("order_lines"),
            pl.when(is_known).then(pl.len().over("customer_id")).alias("customer_lines"),
            pl.when(is_known)
            .then(pl.len().over("customer_id", "quantity"))
            .alias("customer_same_quantity"),
            _centred("price").alias("price"),
            _centred("log_quantity").alias("log_quantity"),
            _shrunk_scale("price").alias("price_scale"),
        )
        .with_columns(
            _level("price", "order_id", "order_lines", _ORDER_LINES).alias("order_price"),
            _level("log_quantity", "order_id", "order_lines", _ORDER_LINES).alias("order_quantity"),
            _level("log_quantity", "customer_id", "customer_lines", _CUSTOMER_LINES).alias(
                "customer_quantity"
            ),
        )
        .collect()
    )


def _product_weight() -> pl.Expr:
    """Weight of the product against the object: 0 for a single line, 1/2 for two."""
    return 1 - 1 / pl.len().over("product")


def _centred(column: str) -> pl.Expr:
    """Difference to the product's median, which shrinks to the object's for few lines."""
    weight = _product_weight()
    value = pl.col(column)
    return value - weight * value.median().over("product") - (1 - weight) * value.median()


def _shrunk_scale(column: str) -> pl.Expr:
    value = pl.col(column)
    object_scale = 1.4826 * (value - value.median()).abs().median()
    weight = _product_weight()
    return weight * _USUAL_SCALE + (1 - weight) * object_scale.clip(lower_bound=_USUAL_SCALE)


def _level(column: str, group: str, lines: str, enough: int) -> pl.Expr:
    """Median of an order or customer; null where that has too few lines."""
    return pl.when(pl.col(lines) >= enough).then(pl.col(column).median().over(group))


def _price_distance(facts: pl.DataFrame) -> Values:
    price = pl.col("price")
    nearest = pl.min_horizontal(price.abs(), (price - pl.col("order_price")).abs())
    return facts.select(nearest / pl.col("price_scale")).to_series().to_numpy()


def _quantity_distance(facts: pl.DataFrame) -> Values:
    quantity = pl.col("log_quantity")
    levels = ("order_quantity", "customer_quantity")
    nearest = pl.min_horizontal(
        quantity.abs(), *((quantity - pl.col(level)).abs() for level in levels)
    )
    return facts.select(nearest).to_series().to_numpy()


def _price_surprise(facts: pl.DataFrame, distance: Values) -> Values:
    others = pl.col("lines") - 1
    is_comparable = pl.col("lines") > 1
    is_new = is_comparable & (pl.col("same_price") == 1)
    # Half a percent, worth 50 lines, where the object itself has few.
    share = (is_new.sum() + 0.25) / (is_comparable.sum() + 50)
    order_others = pl.col("order_lines") - 1
    in_order = (is_new.sum().over("order_id") - is_new + _ORDER_WEIGHT * share) / (
        order_others + _ORDER_WEIGHT
    )
    new = in_order + (1 - in_order) / pl.col("lines")
    seen = (pl.col("same_price") - 1) / pl.max_horizontal(others, 1)
    chances = facts.select(new=new, seen=seen)
    density = _NEW_PRICE_MASS * (1 + distance**2 / 2) ** -1.5
    chance_new = chances["new"].to_numpy()
    chance: Values = chance_new * density + (1 - chance_new) * chances["seen"].to_numpy()
    return -np.log(chance)


def _quantity_surprise(facts: pl.DataFrame) -> Values:
    in_object = (pl.col("object_same_quantity") - 1 + 0.01) / pl.len()
    of_product = (pl.col("same_quantity") - 1 + _BACK_OFF * in_object) / (
        pl.col("lines") - 1 + _BACK_OFF
    )
    of_customer = (pl.col("customer_same_quantity") - 1 + _BACK_OFF * of_product) / (
        pl.col("customer_lines") - 1 + _BACK_OFF
    )
    chance: Values = facts.select(pl.coalesce(of_customer, of_product)).to_series().to_numpy()
    return -np.log(chance)


def _isolation(price_distance: Values, quantity_distance: Values) -> Values:
    """Isolation score of each line, 0.5 for an average one.

    Distances are rounded, and each pair of them is scored once: 500,000 lines have a few thousand.
    """
    # Here, because importing it takes longer than curating most objects.
    from sklearn.ensemble import IsolationForest

    distances = np.column_stack(
        ((price_distance * _USUAL_SCALE / 0.05).round(), (quantity_distance / 0.1).round())
    ).astype(np.float32)
    forest = IsolationForest(
        n_estimators=100, max_samples=_FOREST_LINES, random_state=0, n_jobs=1
    ).fit(distances)
    pairs, inverse = np.unique(distances, axis=0, return_inverse=True)
    result: Values = -forest.score_samples(pairs)[inverse]
    return result
