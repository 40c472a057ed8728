"""Customers: when they are won, how often they buy, how much they spend, when they drop out."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from shop.parameters import CustomerLaws, Parameters
from shop.periods import Month, Rhythm, days_of
from shop.streams import Bools, Floats, Ints, Times, stream

FIRST_CUSTOMER = 100_001
FIRST_ORDER = 100_001


@dataclass(frozen=True)
class Cohort:
    """The customers won in a month, one element each, with what is true of them.

    `rate` is purchases a week of shop time, `dropout` the probability to leave after a repeat
    purchase, `value` the mean worth of a purchase in pence; `country` indexes the laws' countries.
    """

    customer: Ints
    country: Ints
    rate: Floats
    dropout: Floats
    value: Floats
    won: Times


@dataclass(frozen=True)
class Purchases:
    """Purchases in order of time: `day` counts from the start of the period, `budget` is in pence,
    and `order` is the invoice number."""

    order: Ints
    customer: Ints
    country: Ints
    day: Ints
    at: Times
    budget: Ints

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, rows: slice | Ints) -> Purchases:
        return Purchases(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Activity:
    """A month: the customers won, the purchases of all, and who dropped out after their last."""

    cohort: Cohort
    purchases: Purchases
    dropped: Ints


@dataclass
class _Pool:
    """The living customers; `due` is the shop time of the next purchase in weeks."""

    customer: Ints
    country: Ints
    rate: Floats
    dropout: Floats
    value: Floats
    due: Floats
    is_new: Bools

    def join(self, other: _Pool) -> _Pool:
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return _Pool(*(np.concatenate(pair) for pair in pairs))

    def keep(self, rows: Bools) -> _Pool:
        return _Pool(*(getattr(self, field.name)[rows] for field in fields(self)))


class Customers:
    """Makes the months of a period in order; keeps the living customers in between."""

    def __init__(self, parameters: Parameters, orders: float) -> None:
        """`orders` is how many purchases there are to be in the period on average."""
        self._parameters = parameters
        self._laws = parameters.customers
        self.rhythm = Rhythm(parameters.rhythm, parameters.start, days_of(parameters))
        self._wins = self._expected_wins(orders)
        self._pool = _no_one()
        self._won = 0
        self._orders = 0

    def month(self, month: Month) -> Activity:
        """The next month of the period."""
        chance = stream(self._parameters.seed, "customers", month.index)
        cohort, newcomers = self._win(month, chance)
        pool = self._pool.join(newcomers)
        end = self.rhythm.weeks(month.first_day + month.days)
        who, weeks = _buy(pool, end, chance)
        day, at = self.rhythm.calendar(weeks)
        order = np.lexsort((pool.customer[who], at))
        who, day, at = who[order], day[order], at[order]
        budget = chance.gamma(self._laws.p, pool.value[who] / self._laws.p)
        purchases = Purchases(
            order=FIRST_ORDER + self._orders + np.arange(len(who)),
            customer=pool.customer[who],
            country=pool.country[who],
            day=day,
            at=at,
            budget=np.maximum(np.round(budget), 1).astype(np.int64),
        )
        self._orders += len(who)
        is_living = np.isfinite(pool.due)
        self._pool = pool.keep(is_living)
        return Activity(cohort, purchases, pool.customer[~is_living])

    def _win(self, month: Month, chance: np.random.Generator) -> tuple[Cohort, _Pool]:
        laws = self._laws
        count = int(chance.poisson(self._wins[month.index]))
        begin = self.rhythm.weeks(month.first_day)
        end = self.rhythm.weeks(month.first_day + month.days)
        due = np.sort(chance.uniform(begin, end, count))
        shares = np.array([share for _, share in laws.countries])
        customer = FIRST_CUSTOMER + self._won + np.arange(count)
        country = chance.choice(len(shares), count, p=shares / shares.sum())
        rate = chance.gamma(laws.r, 1 / laws.alpha, count)
        dropout = chance.beta(laws.a, laws.b, count)
        value = laws.p / chance.gamma(laws.q, 1 / laws.gamma, count)
        self._won += count
        _, won = self.rhythm.calendar(due)
        cohort = Cohort(customer, country, rate, dropout, value, won)
        is_new = np.ones(count, dtype=np.bool_)
        return cohort, _Pool(customer, country, rate, dropout, value, due, is_new)

    def _expected_wins(self, orders: float) -> Floats:
        """Customers to win in each month, so that all make `orders` purchases on average."""
        months = self._parameters.months
        growth = self._laws.growth ** np.arange(months)
        end = self.rhythm.weeks(days_of(self._parameters))
        # Months are taken as equally long, and their customers as won in the middle.
        left = end * (1 - (np.arange(months) + 0.5) / months)
        purchases = 1 + np.array([expected_repeats(self._laws, weeks) for weeks in left])
        return np.asarray(growth * orders / (growth * purchases).sum(), dtype=np.float64)


def expected_repeats(laws: CustomerLaws, weeks: float) -> float:
    """Purchases after the first that a customer makes on average within `weeks` of it.

    Given rate and drop-out they are (1 - exp(-rate * p * t)) / p (Fader, Hardie, Lee 2005); the
    mean over the rate is closed, that over p is a midpoint sum after p = u ** (1 / a).
    """
    p = ((np.arange(2_000) + 0.5) / 2_000) ** (1 / laws.a)
    weight = (1 - p) ** (laws.b - 1)
    given_p = (1 - (laws.alpha / (laws.alpha + p * weeks)) ** laws.r) / p
    return float((given_p * weight).sum() / weight.sum())


def _buy(pool: _Pool, end: float, chance: np.random.Generator) -> tuple[Ints, Floats]:
    """Purchases before `end` as indices and shop times; moves `due`, infinite for who left."""
    who, weeks = [np.empty(0, np.int64)], [np.empty(0)]
    buying = np.flatnonzero(pool.due < end)
    while buying.size:
        who.append(buying)
        weeks.append(pool.due[buying])
        has_left = (chance.random(buying.size) < pool.dropout[buying]) & ~pool.is_new[buying]
        pool.is_new[buying] = False
        pool.due[buying] += chance.exponential(1 / pool.rate[buying])
        pool.due[buying[has_left]] = np.inf
        buying = buying[pool.due[buying] < end]
    return np.concatenate(who), np.concatenate(weeks)


def _no_one() -> _Pool:
    ints, floats = np.empty(0, np.int64), np.empty(0)
    return _Pool(ints, ints, floats, floats, floats, floats, np.empty(0, np.bool_))
