"""A customer's card from its row."""

from datetime import date

from demand_insights_engine.customers.cards import CustomerCard, Figure

FIGURES = ("p_active", "purchases", "mean_amount", "spend", "p_leaves")
ROW = {
    "customer_id": "c1",
    "currency": "GBP",
    "as_of": date(2024, 6, 1),
    "first_day": date(2024, 1, 1),
    "last_day": date(2024, 5, 1),
    "purchase_days": 4,
    "amount": 80.0,
    "returned_amount": 5.0,
    "segment": "loyal",
    "recency_score": 5,
    "frequency_score": 4,
    "monetary_score": 3,
    "horizon_days": 90,
    **dict.fromkeys(FIGURES, 0.5),
    **{f"{name}_lower": 0.25 for name in FIGURES},
    **{f"{name}_upper": 0.75 for name in FIGURES},
    "warnings": ["one"],
    "model_version": "v1",
    "data_version": "0" * 16,
}


def test_each_figure_says_from_when_from_how_much_and_how_sure():
    card = CustomerCard.of(ROW)

    assert card.p_active == Figure(0.5, 0.25, 0.75, 0.9, date(2024, 6, 1), 4)
    assert card.p_leaves.level == 0.95
    assert card.scores == (5, 4, 3)
    assert card.warnings == ("one",)


def test_what_the_data_do_not_tell_is_none():
    nothing = dict.fromkeys(("spend", "spend_lower", "spend_upper"))

    spend = CustomerCard.of({**ROW, **nothing}).spend

    assert (spend.value, spend.lower, spend.upper) == (None, None, None)
