"""Payments by cards as the Fraud Detection Handbook's simulator makes them, for few customers."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl


def simulate(
    seed: int,
    *,
    customers: int = 150,
    terminals: int = 200,
    days: int = 66,
    a_day: float = 2.0,
    start: datetime = datetime(2021, 3, 1),
) -> pl.DataFrame:
    """Payments in the columns of the handbook, amounts in euros; equal seeds give equal payments.

    The handbook draws customers and terminals in a square and lets customers pay near by; here
    each customer pays at 20 terminals. A terminal a day and a customer every third day are
    compromised.
    """
    random = np.random.default_rng(seed)
    near = random.integers(0, terminals, (customers, 20))
    mean = random.uniform(5, 100, customers)
    rate = random.uniform(0, 2 * a_day, customers)
    number = random.poisson(rate[:, None], (customers, days)).ravel()
    customer = np.repeat(np.repeat(np.arange(customers), days), number)
    day = np.repeat(np.tile(np.arange(days), customers), number)
    second = random.normal(43_200, 20_000, len(day)).astype(int)
    kept = (second > 0) & (second < 86_400)
    customer, day, second = customer[kept], day[kept], second[kept]
    amount = random.normal(mean[customer], mean[customer] / 2)
    amount = np.where(amount < 0, random.uniform(0, 2 * mean[customer]), amount)
    terminal = near[customer, random.integers(0, 20, len(customer))]
    scenario = np.where(amount > 220, 1, 0)
    for today in range(days):
        at = random.integers(terminals)
        scenario[(day >= today) & (day < today + 28) & (terminal == at)] = 2
    for today in range(0, days, 3):
        card = random.integers(customers)
        of_card = np.flatnonzero((day >= today) & (day < today + 14) & (customer == card))
        chosen = random.choice(of_card, len(of_card) // 3, replace=False)
        amount[chosen] *= 5
        scenario[chosen] = 3
    at = np.datetime64(start, "us") + (day * 86_400 + second) * np.timedelta64(1_000_000, "us")
    return pl.DataFrame(
        {
            "TX_DATETIME": at,
            "CUSTOMER_ID": customer,
            "TERMINAL_ID": terminal,
            "TX_AMOUNT": amount.round(2),
            "TX_FRAUD": (scenario > 0).astype(int),
            "TX_FRAUD_SCENARIO": scenario,
        }
    ).sort("TX_DATETIME", maintain_order=True)
