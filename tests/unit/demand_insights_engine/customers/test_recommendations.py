"""Next-best products: significance, reasons, and no look ahead."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import chi2_contingency

from customer_days import FIRST
from demand_insights_engine.customers.recommendations import affinities, recommend

AS_OF = FIRST + timedelta(days=100)


def bought(*rows):
    return pl.DataFrame(
        [(customer, product, FIRST + timedelta(days=day)) for customer, product, day in rows],
        schema={"customer_id": pl.String, "product_id": pl.String, "day": pl.Date},
        orient="row",
    )


def tea_drinkers(count=40):
    """Who buys a teapot also buys tea; coffee is bought by anyone."""
    rows = [(f"t{n}", product, 1) for n in range(count) for product in ("teapot", "tea")]
    rows += [(f"o{n}", "lamp", 1) for n in range(count)]
    rows += [(f"{kind}{n}", "coffee", 2) for kind in "to" for n in range(0, count, 2)]
    return rows


def test_what_goes_together_is_recommended_with_its_reason():
    found = recommend(bought(*tea_drinkers(), ("new", "teapot", 3)), AS_OF)

    row = found.filter(pl.col("customer_id") == "new").row(0, named=True)
    assert (row["product_id"], row["because_of"], row["rank"]) == ("tea", "teapot", 1)
    assert (row["together"], row["products_bought"]) == (40, 1)
    assert row["lift"] == pytest.approx(40 * 81 / (41 * 40))
    assert row["p_value"] < 1e-10


def test_what_chance_explains_and_what_is_owned_is_not_recommended():
    found = recommend(bought(*tea_drinkers(), ("new", "teapot", 3)), AS_OF)

    assert set(found["customer_id"]) == {"new"}
    assert "coffee" not in found["product_id"]


def test_p_values_are_those_of_the_g_test():
    random = np.random.Generator(np.random.PCG64(1))
    first = random.random(300) < 0.4
    second = np.where(random.random(300) < 0.5, first, random.random(300) < 0.3)
    owned = csr_array(np.stack([first, second], axis=1).astype(float))

    found = affinities(owned, ["a", "b"])

    table = [[((first == i) & (second == j)).sum() for j in (True, False)] for i in (True, False)]
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert found.p_value[0, 1] == found.p_value[1, 0] == pytest.approx(expected, rel=1e-6)
    assert found.weight[0, 1] == pytest.approx(
        (first & second).sum() / np.sqrt(first.sum() * second.sum())
    )


def test_independent_products_have_few_pairs():
    """Of 1,225 pairs that only chance makes, hardly one is significant."""
    random = np.random.Generator(np.random.PCG64(2))
    owned = csr_array((random.random((500, 50)) < 0.2).astype(float))

    found = affinities(owned, [str(number) for number in range(50)])

    assert (np.triu(found.weight) > 0).sum() <= 2


def test_customers_who_buy_much_do_not_make_pairs_of_everything():
    """Products are bought independently, by some customers twenty times as often as by others."""
    random = np.random.Generator(np.random.PCG64(4))
    activity = np.minimum(random.gamma(0.7, 0.08, size=(3000, 1)), 0.6)
    popularity = random.uniform(0.3, 1.0, size=60)
    owned = csr_array((random.random((3000, 60)) < activity * popularity).astype(float))

    found = affinities(owned, [str(number) for number in range(60)])

    assert (np.triu(found.weight) > 0).sum() <= 17  # one in a hundred


def test_products_that_belong_together_are_found_among_customers_who_differ():
    random = np.random.Generator(np.random.PCG64(5))
    activity = np.minimum(random.gamma(0.7, 0.08, size=(3000, 1)), 0.6)
    owned = random.random((3000, 60)) < activity
    for one in range(0, 20, 2):
        owned[:, one + 1] |= owned[:, one] & (random.random(3000) < 0.5)

    found = affinities(csr_array(owned.astype(float)), [str(number) for number in range(60)])

    assert all(found.weight[one, one + 1] > 0 for one in range(0, 20, 2))


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from("xyz"), st.integers(100, 200)),
        max_size=15,
    )
)
def test_tomorrow_changes_nothing_of_today(later):
    past = tea_drinkers()

    assert recommend(bought(*past, *later), AS_OF).equals(recommend(bought(*past), AS_OF))


def test_the_order_of_rows_changes_nothing():
    rows = [*tea_drinkers(), ("new", "teapot", 3)]

    assert recommend(bought(*rows), AS_OF).equals(recommend(bought(*reversed(rows)), AS_OF))


@pytest.mark.parametrize("rows", [(), (("a", "x", 1),), (("a", "x", 1), ("a", "y", 1))])
def test_too_little_says_nothing(rows):
    assert recommend(bought(*rows), AS_OF).is_empty()


def test_no_more_than_asked_and_none_twice():
    random = np.random.Generator(np.random.PCG64(3))
    rows = [
        (f"c{n}", f"p{kind}{number}", 1)
        for n in range(60)
        for kind in [n % 3]
        for number in range(8)
        if random.random() < 0.6
    ]

    found = recommend(bought(*rows), AS_OF, most=2)

    assert found["rank"].max() == 2
    assert not found.select("customer_id", "product_id").is_duplicated().any()
    assert found.join(bought(*rows), on=["customer_id", "product_id"], how="semi").is_empty()
