"""An approximate oracle: about the best that anyone could say who knows how the simulator works.

The Fraud Detection Handbook's simulator makes frauds in three ways. (1) Every amount above 220 is
fraud. (2) Each day 2 terminals are drawn, and every payment at them is fraud for 28 days. (3) Each
day 3 customers are drawn, and a third of their payments of 14 days are made fraud, with five times
the amount. The oracle gives the posterior of this, from what is known at a payment: labels, 7 days
late, with their scenario, and all payments so far. A customer's mean amount is better known than it
could be: it is estimated from all honest payments, those of the future too.

Approximate are: a second draw of the same customer or terminal while an earlier one lasts, the
exact third, and the standard deviation of amounts, which is half of a mean that is estimated.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from payment_files import Payments
from protocol import Floats, Numbers

from compliance_guardian.fraud.payments import MINOR

BY_AMOUNT, BY_TERMINAL, BY_CUSTOMER = 1, 2, 3

_SURE_AMOUNT = 220 * MINOR
_TERMINALS_A_DAY, _TERMINAL_DAYS = 2, 28
_CUSTOMERS_A_DAY, _CUSTOMER_DAYS = 3, 14
_SHARE = 1 / 3
_FACTOR = 5
_DEVIATION = 0.5  # of amounts, in terms of their mean
_NEGATIVE = 0.02275  # of a normal distribution: redrawn uniformly from 0 to twice the mean
_DAY = 86_400_000_000
_DELAY = 7 * _DAY
_GREATEST = 1e12
_SMALLEST = 1e-300


@dataclass(frozen=True)
class Oracle:
    """What the posteriors need: of each payment the times of its customer's and its terminal's
    payments, and the evidence of its amount."""

    time: list[int]
    day: list[int]
    amount: list[int]
    scenario: list[int]
    customer: list[int]
    terminal: list[int]
    evidence: list[float]
    """How much more likely the amount is if a fraud by the customer's card multiplied it."""
    of_customer: Mapping[int, tuple[list[int], list[int]]]
    of_terminal: Mapping[int, tuple[list[int], list[int]]]

    @classmethod
    def of(cls, payments: Payments) -> Self:
        """The oracle of these payments, which must have their scenarios."""
        if payments.scenario is None:
            raise ValueError("the oracle needs the scenarios of the payments")
        return cls(
            time=payments.time.tolist(),
            day=(payments.time // _DAY).tolist(),
            amount=payments.amount.tolist(),
            scenario=payments.scenario.tolist(),
            customer=payments.customer.tolist(),
            terminal=payments.terminal.tolist(),
            evidence=_evidence(payments, payments.scenario).tolist(),
            of_customer=_grouped(payments.customer, payments.time),
            of_terminal=_grouped(payments.terminal, payments.time),
        )

    def scores(self, rows: Iterable[int]) -> Floats:
        """The probability that each of these payments is fraud."""
        return np.array([self._score(row) for row in rows])

    def _score(self, row: int) -> float:
        if self.amount[row] > _SURE_AMOUNT:
            return 1.0
        return 1 - (1 - self._by_terminal(row)) * (1 - self._by_customer(row))

    def _by_terminal(self, row: int) -> float:
        """The probability that the terminal is compromised.

        A draw on a day makes every payment of the next 28 days fraud, so that a payment known to
        be none excludes the days before it.
        """
        rows, times = self.of_terminal[self.terminal[row]]
        chance = _TERMINALS_A_DAY / len(self.of_terminal)
        today = self.day[row]
        first = today - 4 * _TERMINAL_DAYS + 1
        is_possible = [True] * (4 * _TERMINAL_DAYS)
        frauds = []
        begin = bisect_left(times, (today - 3 * _TERMINAL_DAYS) * _DAY)
        for at in range(begin, bisect_right(times, self.time[row] - _DELAY)):
            day, scenario = self.day[rows[at]], self.scenario[rows[at]]
            if scenario == BY_TERMINAL:
                frauds.append(day)
            elif scenario != BY_CUSTOMER:
                for drawn in range(max(first, day - _TERMINAL_DAYS + 1), day + 1):
                    is_possible[drawn - first] = False

        def possible(begin: int, end: int) -> int:
            return sum(is_possible[max(begin, first) - first : end + 1 - first])

        unseen = 1 - (1 - chance) ** possible(today - _TERMINAL_DAYS + 1, today)
        if not frauds or frauds[-1] <= today - 2 * _TERMINAL_DAYS:
            return unseen
        # One of the days up to the last known fraud was drawn: which, and does it last until today?
        last = frauds[-1]
        oldest = next(day for day in frauds if day > last - 2 * _TERMINAL_DAYS)
        another = min(1.0, chance * possible(oldest - _TERMINAL_DAYS + 1, oldest))
        total = lasting = 0.0
        for drawn in range(last - _TERMINAL_DAYS + 1, last + 1):
            if drawn < first or not is_possible[drawn - first]:
                continue
            # What was fraud before the draw needs another one.
            likelihood = another if oldest < drawn else 1.0
            total += likelihood
            lasting += likelihood * (drawn > today - _TERMINAL_DAYS)
        if not total:
            return unseen
        return lasting / total + (1 - lasting / total) * unseen

    def _by_customer(self, row: int) -> float:
        """The probability that the card is compromised and this payment is one of the third."""
        rows, times = self.of_customer[self.customer[row]]
        chance = _CUSTOMERS_A_DAY / len(self.of_customer)
        today, known = self.day[row], self.time[row] - _DELAY
        likelihoods: dict[int, float] = {}
        frauds = []
        begin = bisect_left(times, (today - 3 * _CUSTOMER_DAYS) * _DAY)
        for at in range(begin, bisect_right(times, self.time[row])):
            other = rows[at]
            if other == row:
                continue
            day = self.day[other]
            if times[at] > known:
                likelihood = 1 - _SHARE + self.evidence[other] * _SHARE
            elif self.scenario[other] == BY_CUSTOMER:
                likelihood = _SHARE
                frauds.append(day)
            else:
                likelihood = 1 - _SHARE
            likelihoods[day] = likelihoods.get(day, 1.0) * likelihood
        own = 1 - _SHARE + self.evidence[row] * _SHARE
        is_fraud = self.evidence[row] * _SHARE / own

        def of_draw(drawn: int, after: int | None = None) -> float:
            """The likelihood of all that is known if the customer was drawn on a day."""
            product = own if drawn > today - _CUSTOMER_DAYS else 1.0
            for day, likelihood in likelihoods.items():
                if drawn <= day < drawn + _CUSTOMER_DAYS and (after is None or day > after):
                    product *= likelihood
            return product

        recent = range(today - _CUSTOMER_DAYS + 1, today + 1)
        frauds = [day for day in frauds if day > today - 2 * _CUSTOMER_DAYS]
        if not frauds:
            active = sum(chance * of_draw(drawn) for drawn in recent)
            before = range(today - 2 * _CUSTOMER_DAYS + 2, recent[0])
            over = sum(chance * of_draw(drawn) for drawn in before)
            return is_fraud * active / (1 + over + active)
        last = frauds[-1]
        active = over = 0.0
        for drawn in range(last - _CUSTOMER_DAYS + 1, last + 1):
            likelihood = of_draw(drawn)
            for day in frauds:
                if not drawn <= day < drawn + _CUSTOMER_DAYS:
                    likelihood *= chance * _CUSTOMER_DAYS * _SHARE
            if drawn in recent:
                active += likelihood
            else:
                over += likelihood
        again = sum(chance * of_draw(drawn, after=last) for drawn in recent)
        total = active + over * (1 + again)
        return is_fraud * (active + over * again) / total if total else 0.0


def _grouped(who: Numbers, time: Numbers) -> Mapping[int, tuple[list[int], list[int]]]:
    """The rows of each customer or terminal in the order of time, and their times."""
    order = np.argsort(who, kind="stable")
    names, begins = np.unique(who[order], return_index=True)
    groups: Sequence[Numbers] = np.split(order, begins[1:])
    return {
        int(name): (rows.tolist(), time[rows].tolist())
        for name, rows in zip(names, groups, strict=True)
    }


def _evidence(payments: Payments, scenario: Numbers) -> Floats:
    amount = payments.amount.astype(np.float64)
    usual = scenario != BY_CUSTOMER
    count = np.bincount(payments.customer, usual)
    total = np.bincount(payments.customer, amount * usual)
    everything = np.bincount(payments.customer, amount)
    payments_of = np.maximum(np.bincount(payments.customer), 1)
    # A customer without an honest payment: about half of what is paid.
    mean = np.where(count > 0, total / np.maximum(count, 1), everything / payments_of / 2)
    of_each = np.maximum(mean, 1.0)[payments.customer]

    def density(value: Floats) -> Floats:
        deviation = _DEVIATION * of_each
        normal = np.exp(-0.5 * ((value - of_each) / deviation) ** 2) / (
            deviation * np.sqrt(2 * np.pi)
        )
        redrawn = np.where(value < 2 * of_each, _NEGATIVE / (2 * of_each), 0.0)
        return np.where(value > 0, normal, 0.0) + redrawn

    ratio = density(amount / _FACTOR) / _FACTOR / np.maximum(density(amount), _SMALLEST)
    return np.minimum(ratio, _GREATEST)
