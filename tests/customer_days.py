"""Made-up customers for tests: days of purchases as in the prod table customer_days."""

from datetime import date, timedelta

import numpy as np
import polars as pl

FIRST = date(2024, 1, 1)

_SCHEMA = {
    "customer_id": pl.String,
    "day": pl.Date,
    "orders": pl.Int64,
    "amount": pl.Float64,
    "returned_amount": pl.Float64,
}


def days_of(*rows):
    """`(customer_id, day, amount)` and perhaps what was returned on the day, a row each.

    `day` is a date, or a number of days since FIRST.
    """
    return pl.DataFrame(
        [
            (
                customer,
                day if isinstance(day, date) else FIRST + timedelta(days=day),
                1 if amount is not None else 0,
                float(amount or 0),
                float(sum(returned)),
            )
            for customer, day, amount, *returned in rows
        ],
        schema=_SCHEMA,
        orient="row",
    )


def simulate(customers, seed, *, days=365, r=0.5, alpha=5.0, a=0.8, b=2.5, mean=30.0):
    """Customers whose first purchase is in the first quarter of `days`, as BG/NBD says they buy;
    times in weeks. Amounts are as Gamma-Gamma says, with p of 6 and q of 4."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for number in range(customers):
        day = float(random.integers(0, max(days // 4, 1)))
        rate, leaves = random.gamma(r, 1 / alpha), random.beta(a, b)
        typical = mean * 3 / random.gamma(4.0)
        bought = {int(day)}
        while True:
            day += 7 * random.exponential(1 / max(rate, 1e-12))
            if day >= days:
                break
            bought.add(int(day))
            if random.random() < leaves:
                break
        rows += [
            (f"c{number:05}", one, round(typical * random.gamma(6.0, 1 / 6.0) + 0.01, 2))
            for one in sorted(bought)
        ]
    return days_of(*rows)
