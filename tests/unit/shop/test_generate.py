from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop import Parameters, Shop, ShopMonth, generate
from shop.lines import Lines, concat
from shop.parameters import Group, PaymentLaws, ProductLaws

PARAMETERS = Parameters(lines=20_000, months=6)


def months(parameters: Parameters) -> list[tuple[ShopMonth, Lines]]:
    return [(m, concat([b.lines for b in m.blocks])) for m in Shop(parameters).months()]


MONTHS = months(PARAMETERS)
LINES = concat([lines for _, lines in MONTHS])


def same(one: Lines, other: Lines) -> bool:
    return all(
        np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values(), strict=True)
    )


def test_there_are_about_as_many_lines_as_asked() -> None:
    assert len(LINES) == pytest.approx(PARAMETERS.lines, rel=0.25)


def test_the_same_seed_gives_the_same_lines_and_another_other_ones() -> None:
    assert same(LINES, concat([lines for _, lines in months(PARAMETERS)]))
    assert not same(LINES, concat([lines for _, lines in months(replace(PARAMETERS, seed=2))]))


def test_the_laws_of_another_topic_change_nothing() -> None:
    other = replace(PARAMETERS, payments=PaymentLaws(per_line=2))

    assert same(LINES, concat([lines for _, lines in months(other)]))


def test_lines_are_in_order_of_time_within_their_month() -> None:
    assert (np.diff(LINES.at) >= np.timedelta64(0, "m")).all()
    for month, lines in MONTHS:
        assert set(lines.at.astype("datetime64[M]").tolist()) == {month.month.start}


def test_every_purchase_has_lines_and_every_credit_comes_after_its_purchase() -> None:
    invoices, notes = LINES[~LINES.is_credit], LINES[LINES.is_credit]
    bought = np.concatenate([month.activity.purchases.order for month, _ in MONTHS])
    assert np.array_equal(np.unique(invoices.number), bought)
    returned = notes[notes.purchase > 0]
    assert len(returned) > 100
    number, first = np.unique(invoices.number, return_index=True)
    assert (invoices.at[first][np.searchsorted(number, returned.purchase)] < returned.at).all()


def test_returns_are_taken_from_lines_that_were_sold() -> None:
    invoices, notes = LINES[~LINES.is_credit], LINES[LINES.is_credit]
    sold = dict(
        zip(zip(invoices.number, invoices.product, strict=True), invoices.quantity, strict=True)
    )

    for row in np.flatnonzero(notes.purchase):
        assert sold[notes.purchase[row], notes.product[row]] >= -notes.quantity[row]


def test_small_blocks_make_months_of_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "BLOCK_ORDERS", 100)

    shop = Shop(PARAMETERS)
    blocks = [block for month in shop.months() for block in month.blocks]

    assert max(len(block.purchases) for block in blocks) == 100
    assert [block.part for block in blocks].count(0) == PARAMETERS.months
    lines = concat([block.lines for block in blocks])
    assert (np.diff(lines.at) >= np.timedelta64(0, "m")).all()
    assert len(lines) == pytest.approx(len(LINES), rel=0.03)
    keys = np.stack([lines.is_credit, lines.number, lines.product])
    assert np.unique(keys, axis=1).shape[1] == len(lines)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**40),
    lines=st.integers(1, 2_000),
    count=st.integers(1, 4),
    start=st.dates(date(1995, 1, 1), date(2050, 1, 1)),
)
def test_any_shop_keeps_its_promises(seed: int, lines: int, count: int, start: date) -> None:
    """Lines have keys, amounts and times of their month; returns come after what they take back."""
    made = months(Parameters(seed=seed, lines=lines, start=start.replace(day=1), months=count))

    whole = concat([part for _, part in made])
    keys = np.stack([whole.is_credit, whole.number, whole.product])
    assert len(made) == count
    assert np.unique(keys, axis=1).shape[1] == len(whole)
    assert (whole.price > 0).all()
    assert (whole.quantity != 0).all()
    assert (np.diff(whole.at) >= np.timedelta64(0, "m")).all()
    assert np.isin(whole.purchase[whole.is_credit], [0, *whole.number[~whole.is_credit]]).all()


def test_regression_on_units_sold_finds_the_season_of_a_group() -> None:
    """Log ratios of two groups' months; each unit counts, so the error is that of the counts."""
    garden, kitchen = Group("Garden", 0.8, 160, 300, 0, -1), Group("Kitchen", 0.2, 340, 300, 0, -1)
    laws = ProductLaws(
        groups=(garden, kitchen), trend_sd=0, launched=0, ended=0, intermittent=0, popularity_sd=0.5
    )
    shop = Shop(Parameters(lines=60_000, products=laws))
    sold = np.array(
        [
            np.bincount(shop.products.group[goods.product], goods.quantity, 2)
            for month in shop.months()
            for lines in [concat([block.lines for block in month.blocks])]
            for goods in [lines[~lines.is_credit & (lines.product < len(shop.products))]]
        ]
    )
    phase = 2 * np.pi * (np.arange(24) + 0.5) / 12
    design = np.column_stack([np.ones(24), np.cos(phase), np.sin(phase)])
    # A month's units have about 2 * mean units a line times the variance of a count.
    weight = 1 / np.sqrt((12 / sold).sum(axis=1))

    ratio = np.log(sold[:, 0] / sold[:, 1])
    (_, cosine, sine), *_ = np.linalg.lstsq(design * weight[:, None], ratio * weight, rcond=None)

    expected = sum(
        sign * group.season * np.exp(2j * np.pi * (group.peak - 0.5) / 365.25)
        for sign, group in ((1, garden), (-1, kitchen))
    )
    error = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * weight[:, None] ** 2))))[1:].max()
    assert abs(cosine + 1j * sine - expected) < 4 * error
    assert error < 0.05
