from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from shop.parameters import Parameters, PaymentLaws
from shop.payments import CARD, GENUINE, HIGH_AMOUNT, TERMINAL, Payments, cards, payment_months

# Compromised more often than by default, so that a year has enough to count.
PARAMETERS = Parameters(
    lines=400_000, months=12, payments=PaymentLaws(terminal_hazard=0.0005, card_hazard=0.002)
)
LAWS = PARAMETERS.payments
HOLDERS = cards(PARAMETERS)
MONTHS = list(payment_months(PARAMETERS))
ALL = Payments(
    *(np.concatenate([getattr(m.payments, f.name) for m in MONTHS]) for f in fields(Payments))
)
DAY = (ALL.at.astype("datetime64[D]") - np.datetime64(PARAMETERS.start)).astype(int)
CARD_COMPROMISED = np.concatenate([m.card_compromised for m in MONTHS])
TERMINAL_COMPROMISED = np.concatenate([m.terminal_compromised for m in MONTHS])
AT_COMPROMISED = TERMINAL_COMPROMISED[DAY, ALL.terminal]
WITH_COMPROMISED = CARD_COMPROMISED[DAY, ALL.card]


def test_payments_are_as_many_as_asked_and_of_each_card_as_often_as_its_rate() -> None:
    count = np.bincount(ALL.card, minlength=len(HOLDERS.a_day))
    expected = HOLDERS.a_day * 365

    assert len(ALL.at) == pytest.approx(PARAMETERS.lines * LAWS.per_line, rel=0.1)
    assert np.mean((count - expected) ** 2 / expected) == pytest.approx(1, abs=0.2)
    assert (np.diff(ALL.at) >= np.timedelta64(0, "s")).all()


def test_amounts_scatter_around_the_mean_of_their_card() -> None:
    genuine = (ALL.scenario != CARD) & (HOLDERS.amount[ALL.card] > 1_000)
    ratio = ALL.amount[genuine] / HOLDERS.amount[ALL.card[genuine]]

    # Of a normal with mean 1, deviation 1/2, values below zero are replaced by a mean of 1.
    assert np.median(ratio) == pytest.approx(1.01, abs=0.02)
    assert ALL.amount.min() >= 1


def test_a_card_is_used_at_its_terminals_only() -> None:
    place = ALL.terminal - HOLDERS.first_terminal[ALL.card]

    assert place.min() == 0
    assert place.max() == LAWS.reach - 1
    assert ALL.terminal.max() < HOLDERS.terminals


def test_things_are_compromised_as_often_and_as_long_as_their_hazard_says() -> None:
    for compromised, hazard, days in (
        (CARD_COMPROMISED, LAWS.card_hazard, LAWS.card_days),
        (TERMINAL_COMPROMISED, LAWS.terminal_hazard, LAWS.terminal_days),
    ):
        starts = np.diff(compromised.astype(int), axis=0) == 1
        share = 1 - (1 - hazard) ** days
        error = 4 * days * np.sqrt(starts.sum()) / compromised[days:].size
        assert compromised[days:].mean() == pytest.approx(share, abs=error)
        begins = np.argwhere(starts)
        for day, thing in begins[begins[:, 0] < 365 - days - 1][:50]:
            assert compromised[day + 1 : day + 1 + days, thing].all()


def test_all_payments_at_a_compromised_terminal_are_fraud() -> None:
    assert set(ALL.scenario[AT_COMPROMISED].tolist()) <= {TERMINAL, CARD}
    assert not (ALL.scenario[~AT_COMPROMISED] == TERMINAL).any()


def test_a_share_of_the_payments_with_a_compromised_card_is_fraud() -> None:
    is_card = ALL.scenario == CARD
    n = WITH_COMPROMISED.sum()

    assert not (is_card & ~WITH_COMPROMISED).any()
    error = 4 * np.sqrt(LAWS.card_share * (1 - LAWS.card_share) / n)
    assert is_card[WITH_COMPROMISED].mean() == pytest.approx(LAWS.card_share, abs=error)
    ratio = ALL.amount[is_card] / HOLDERS.amount[ALL.card[is_card]]
    assert ratio.mean() == pytest.approx(5.1, abs=4 * ratio.std() / np.sqrt(is_card.sum()))


def test_high_amounts_are_fraud_and_the_rest_is_genuine() -> None:
    high = ALL.amount > LAWS.threshold

    assert np.array_equal(
        ALL.scenario == HIGH_AMOUNT, high & ~AT_COMPROMISED & (ALL.scenario != CARD)
    )
    assert (ALL.scenario == HIGH_AMOUNT).sum() > 20
    assert np.array_equal(ALL.is_fraud, ALL.scenario != GENUINE)


def test_labels_of_frauds_arrive_days_later() -> None:
    delay = (ALL.labelled_at - ALL.at)[ALL.is_fraud] / np.timedelta64(1, "D")

    assert np.isnat(ALL.labelled_at[~ALL.is_fraud]).all()
    assert delay.min() == 1
    error = 4 * delay.std() / np.sqrt(len(delay))
    assert delay.mean() == pytest.approx(LAWS.label_days, abs=error)


def test_only_reported_frauds_are_known() -> None:
    at = np.datetime64("2023-07-01", "s")
    known = ALL.known_frauds(at)

    assert 0 < known.sum() < (ALL.is_fraud & (ALL.at < at)).sum()
    assert (ALL.at[known] < at).all()


@pytest.mark.parametrize("lines", [1, 100])
def test_a_tiny_shop_has_a_card(lines: int) -> None:
    tiny = Parameters(lines=lines, months=1)

    assert len(cards(tiny).a_day) >= 1
    assert len(list(payment_months(tiny))) == 1
