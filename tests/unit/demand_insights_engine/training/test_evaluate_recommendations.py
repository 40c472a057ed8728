"""How often recommended products are bought, beside popular ones."""

from datetime import date

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def evaluation(training_module):
    return training_module("evaluate_recommendations")


def lines(*rows):
    return pl.DataFrame(
        rows,
        schema={
            "customer_id": pl.String,
            "product_id": pl.String,
            "quantity": pl.Float64,
            "day": pl.Date,
        },
        orient="row",
    )


def families(random, customers=90):
    """Each customer buys products of one of three families, the last of them later."""
    for number in range(customers):
        names = [f"{number % 3}-{product}" for product in random.permutation(8)]
        for place, name in enumerate(names[:6]):
            day = date(2024, 1, 1) if place < 5 else date(2024, 6, 1)
            yield (f"c{number:02}", name, 1.0, day)


def test_families_are_found_and_popularity_is_not_enough(evaluation):
    found = evaluation.evaluate(lines(*families(np.random.Generator(np.random.PCG64(1)))), seed=1)

    assert found["customers with a new product"] == 90
    hits = found["share of customers with a hit"]
    assert hits["recommendations"]["value"] > 0.9
    assert hits["recommendations"]["value"] > hits["the most popular"]["value"]


def test_returns_and_products_bought_before_are_no_hits(evaluation, training_module):
    first, later = date(2024, 1, 1), date(2024, 6, 1)
    rows = lines(("a", "x", 1.0, first), ("a", "x", 1.0, later), ("a", "y", -1.0, later))

    with pytest.raises(training_module("cdnow").PurchasesError, match="bought a new product"):
        evaluation.evaluate(rows, seed=1)
    with pytest.raises(training_module("cdnow").PurchasesError, match="no purchases"):
        evaluation.evaluate(lines(), seed=1)
