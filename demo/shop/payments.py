"""Card payments with fraud of three kinds, the second and third harder to tell than the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shop.parameters import Parameters, PaymentLaws
from shop.periods import Month, days_of, months
from shop.streams import Bools, Floats, Ints, Times, stream

GENUINE, HIGH_AMOUNT, TERMINAL, CARD = range(4)
"""The scenarios of the column TX_FRAUD_SCENARIO."""
_NEVER = -(10**6)


@dataclass(frozen=True)
class Payments:
    """A month's payments in order of time, one element each; amounts are in cents.

    `scenario` is 0 for a genuine payment. `labelled_at` is when a fraud was reported, and NaT for
    genuine payments: whoever learns on a day knows only the labels of before it.
    """

    at: Times
    card: Ints
    terminal: Ints
    amount: Ints
    scenario: Ints
    labelled_at: Times

    @property
    def is_fraud(self) -> Bools:
        """The final label."""
        return np.asarray(self.scenario != GENUINE, dtype=np.bool_)

    def known_frauds(self, at: np.datetime64) -> Bools:
        """Which payments are known as frauds at a time."""
        return np.asarray(self.labelled_at <= at, dtype=np.bool_)


@dataclass(frozen=True)
class PaymentMonth:
    """A month's payments, and the truth: the cards and terminals that are compromised on each of
    its days (days, cards) and (days, terminals)."""

    month: Month
    payments: Payments
    card_compromised: Bools
    terminal_compromised: Bools


@dataclass(frozen=True)
class Cards:
    """What is true of each card: payments a day, mean amount in cents, and the first of the
    `reach` terminals that it is used at, which are numbered along the line."""

    a_day: Floats
    amount: Floats
    first_terminal: Ints
    terminals: int


def cards(parameters: Parameters) -> Cards:
    """Draw the cards; their number gives the payments that the parameters ask for."""
    laws = parameters.payments
    payments = parameters.lines * laws.per_line
    count = max(1, round(payments / (days_of(parameters) * laws.most_a_day / 2)))
    terminals = max(laws.reach, round(count * laws.terminals_per_card))
    chance = stream(parameters.seed, "cards")
    place = np.sort(chance.random(terminals))
    nearest = np.searchsorted(place, chance.random(count))
    return Cards(
        a_day=chance.uniform(0, laws.most_a_day, count),
        amount=chance.uniform(*laws.amounts, count),
        first_terminal=np.clip(nearest - laws.reach // 2, 0, terminals - laws.reach),
        terminals=terminals,
    )


def payment_months(parameters: Parameters) -> Iterator[PaymentMonth]:
    """The payments of each month of the period, in order."""
    laws = parameters.payments
    holders = cards(parameters)
    card_spells = _Spells(len(holders.a_day), laws.card_hazard, laws.card_days)
    terminal_spells = _Spells(holders.terminals, laws.terminal_hazard, laws.terminal_days)
    for month in months(parameters):
        chance = stream(parameters.seed, "compromised", month.index)
        terminal_compromised = terminal_spells.month(month, chance)
        card_compromised = card_spells.month(month, chance)
        chance = stream(parameters.seed, "payments", month.index)
        payments = _payments(laws, holders, month, (card_compromised, terminal_compromised), chance)
        yield PaymentMonth(month, payments, card_compromised, terminal_compromised)


class _Spells:
    """Which of some things are compromised: for `days` days after each start; starts are rare."""

    def __init__(self, count: int, hazard: float, days: int) -> None:
        self._hazard, self._days = hazard, days
        self._last_start = np.full(count, _NEVER)

    def month(self, month: Month, chance: np.random.Generator) -> Bools:
        day = month.day_numbers[:, None]
        is_start = chance.random((month.days, len(self._last_start))) < self._hazard
        starts = np.vstack([self._last_start, np.where(is_start, day, _NEVER)])
        last = np.maximum.accumulate(starts)[1:]
        self._last_start = last[-1]
        return np.asarray(day - last < self._days)


def _payments(
    laws: PaymentLaws,
    holders: Cards,
    month: Month,
    compromised: tuple[Bools, Bools],
    chance: np.random.Generator,
) -> Payments:
    count = chance.poisson(holders.a_day, (month.days, len(holders.a_day)))
    day, card = (
        np.repeat(index, count.ravel()) for index in np.indices(count.shape).reshape(2, -1)
    )
    terminal = holders.first_terminal[card] + chance.integers(0, laws.reach, len(card))
    # Most payments are made around noon.
    second = chance.triangular(0, 43_200, 86_399, len(card)).astype(np.int64)
    at: Times = month.dates[day].astype("datetime64[s]") + second.astype("timedelta64[s]")
    amount = _amounts(holders.amount[card], chance)
    scenario = np.where(amount > laws.threshold, HIGH_AMOUNT, GENUINE)
    scenario[compromised[1][day, terminal]] = TERMINAL
    is_stolen = compromised[0][day, card] & (chance.random(len(card)) < laws.card_share)
    amount[is_stolen] *= 5
    scenario[is_stolen] = CARD
    delay = chance.geometric(1 / laws.label_days, len(card)) * 86_400
    labelled_at = np.where(scenario == GENUINE, np.datetime64("NaT", "s"), at + delay)
    order = np.lexsort((card, at))
    return Payments(
        at=at[order],
        card=card[order],
        terminal=terminal[order],
        amount=amount[order],
        scenario=scenario[order],
        labelled_at=labelled_at[order],
    )


def _amounts(mean: Floats, chance: np.random.Generator) -> Ints:
    """Whole cents, at least one."""
    amount = chance.normal(mean, mean / 2)
    instead = chance.uniform(0, 2 * mean)
    return np.maximum(np.round(np.where(amount < 0, instead, amount)), 1).astype(np.int64)
