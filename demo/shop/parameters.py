"""The parameters of every law, with their defaults: all that is true of a made-up shop but chance.

Probabilities and shares are fractions of one. Money is in pence or cents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

MOST_LINES = 10_000_000


@dataclass(frozen=True)
class Group:
    """A group of products.

    Demand has the factor exp(`season` * cos(2 pi * (day of the year - `peak`) / 365.25)) relative
    to the whole shop. `price` is the median list price in pence, `returned` the probability that a
    line is sent back, `elasticity` the mean price elasticity of the quantity.
    """

    name: str
    season: float
    peak: int
    price: int
    returned: float
    elasticity: float


@dataclass(frozen=True)
class RhythmLaws:
    """How the rate of purchases moves, the same for all customers; both factors have mean one.

    `weekdays` are the factors of Monday to Sunday. The yearly factor is exp(`season` * cos(...)) as
    in `Group`, divided by its mean. Purchases are made from hour `opens` to hour `closes`.
    """

    weekdays: tuple[float, float, float, float, float, float, float] = (
        *(1.05, 1.15, 1.1, 1.2, 1.0),
        *(0.6, 0.9),
    )
    season: float = 0.3
    peak: int = 325
    opens: int = 8
    closes: int = 20

    def __post_init__(self) -> None:
        if not math.isclose(sum(self.weekdays), 7) or min(self.weekdays) < 0:
            raise ValueError("rhythm: the seven factors of weekdays must have the mean one")
        if not 0 <= self.opens < self.closes <= 23:
            raise ValueError("rhythm: the shop must open before it closes, on the same day")


@dataclass(frozen=True)
class ProductLaws:
    """A shop has a product for every `lines_a_product` order lines, but at least `least` and at
    most `most`.

    Popularity is log-normal with `popularity_sd`; the log of demand has a linear trend a year,
    normal with `trend_sd`.

    `launched` and `ended` are the shares of products that come and go within the period; their
    demand rises linearly over `ramp_days` and falls over `fade_days`. `intermittent` is the share
    of products with demand after Croston (1972): days between two demands are geometric, their mean
    uniform in `interval_days`. Units of a line are geometric, the mean at the list price uniform in
    `units`, times (price / list price) ** elasticity; elasticities spread by `elasticity_spread`
    around their group's. Each January prices are multiplied by a factor uniform in `revision`.
    A product has `promotions` a year, of `promotion_days` each, at one of `discounts`.
    """

    lines_a_product: int = 125
    least: int = 50
    most: int = 800
    groups: tuple[Group, ...] = (
        Group("Kitchen", 0.1, 340, 395, 0.02, -1.2),
        Group("Garden", 0.8, 160, 650, 0.03, -1.6),
        Group("Christmas", 1.2, 330, 250, 0.01, -0.8),
        Group("Lighting", 0.3, 350, 850, 0.05, -2.0),
        Group("Stationery", 0.3, 245, 125, 0.01, -1.0),
        Group("Toys", 0.4, 325, 495, 0.03, -1.4),
    )
    popularity_sd: float = 1.0
    trend_sd: float = 0.2
    launched: float = 0.3
    ended: float = 0.2
    ramp_days: int = 60
    fade_days: int = 60
    intermittent: float = 0.25
    interval_days: tuple[float, float] = (5.0, 40.0)
    units: tuple[float, float] = (2.5, 8.0)
    elasticity_spread: float = 0.4
    revision: tuple[float, float] = (0.95, 1.1)
    promotions: int = 3
    promotion_days: int = 14
    discounts: tuple[float, ...] = (0.1, 0.2, 0.3)


@dataclass(frozen=True)
class CustomerLaws:
    """BG/NBD (Fader, Hardie, Lee 2005) and Gamma-Gamma (Fader, Hardie 2013) as generating laws.

    A customer makes a first purchase when won, then purchases at a rate a week that is gamma with
    shape `r` and scale 1 / `alpha`, and drops out after each further one with a probability that is
    beta(`a`, `b`). Weeks are of the shop's own time, see `periods.Rhythm`. What a purchase is worth
    is gamma with shape `p` and scale 1 / nu, and nu gamma with shape `q` and scale 1 / `gamma`
    (pence): the mean is p * gamma / (q - 1). Each month wins `growth` times as many customers as
    the month before. `countries` are names and shares;
    the first is where the shop is.
    """

    r: float = 0.8
    alpha: float = 6.0
    a: float = 0.8
    b: float = 2.5
    p: float = 6.0
    q: float = 4.0
    gamma: float = 18_000.0
    growth: float = 1.01
    countries: tuple[tuple[str, float], ...] = (
        ("United Kingdom", 0.86),
        ("Germany", 0.05),
        ("France", 0.04),
        ("Ireland", 0.02),
        ("Netherlands", 0.02),
        ("Côte d'Ivoire", 0.01),
    )

    def __post_init__(self) -> None:
        if min(self.r, self.alpha, self.a, self.b, self.p, self.gamma) <= 0 or self.q <= 1:
            raise ValueError("customers: all laws need positive parameters, and q above one")

    @property
    def mean_value(self) -> float:
        """The mean of what a purchase is worth, in pence."""
        return self.p * self.gamma / (self.q - 1)


@dataclass(frozen=True)
class OrderLaws:
    """Orders abroad pay `postage` (pence) with the probability `postage_abroad`; `manual` is the
    share of orders with a manual entry, `discounted` of those with a discount of a tenth as a
    credit note of its own.

    `cancelled` is the share of orders taken back whole within two hours. Of the others the lines of
    a group come back with its probability, whole with the probability `whole`, after days that are
    geometric with the mean `return_days` and at most 90.
    """

    postage: int = 1_800
    postage_abroad: float = 0.8
    manual: float = 0.003
    discounted: float = 0.004
    cancelled: float = 0.01
    whole: float = 0.6
    return_days: float = 12.0


@dataclass(frozen=True)
class PaymentLaws:
    """Card payments after the Fraud Detection Handbook's simulator (Le Borgne et al. 2022).

    There are `per_line` payments for each order line. Of a card the payments a day are Poisson with
    a mean uniform up to `most_a_day`, their amounts normal with a mean uniform in `amounts` (cents)
    and half of it as deviation; a negative one is replaced by one uniform up to twice the mean.
    It is used at the `reach` terminals nearest to it on a line. Fraud of scenario 1: amounts over
    `threshold`; 2: all payments at a terminal for `terminal_days` after it was compromised, which
    happens to a terminal with `terminal_hazard` a day; 3: a share `card_share` of a card's payments
    for `card_days`, five times as high, with `card_hazard`. A fraud is reported after days that are
    geometric with the mean `label_days`.
    """

    per_line: float = 0.5
    most_a_day: float = 0.5
    amounts: tuple[float, float] = (500.0, 10_000.0)
    threshold: int = 22_000
    terminals_per_card: float = 2.0
    reach: int = 20
    terminal_hazard: float = 0.0002
    terminal_days: int = 28
    card_hazard: float = 0.0006
    card_days: int = 14
    card_share: float = 1 / 3
    label_days: float = 7.0


@dataclass(frozen=True)
class MarketLaws:
    """Daily returns r = drift + sqrt(h) * z with the volatility of a GARCH(1, 1) (Bollerslev 1986).

    h = omega + arch * (r - drift) ** 2 + garch * h of the day before; omega gives the yearly
    `volatility`. The z of two series have the correlation `correlation`. At each of `breaks`
    (fraction of the period, factor) omega is multiplied by the factor from then on.
    """

    series: tuple[str, ...] = ("AVEN", "BRIO", "CALD", "DORN", "ESKO")
    years: int = 10
    drift: float = 0.0002
    volatility: float = 0.2
    arch: float = 0.08
    garch: float = 0.9
    correlation: float = 0.5
    breaks: tuple[tuple[float, float], ...] = ((0.4, 4.0), (0.6, 0.25))

    def __post_init__(self) -> None:
        if self.arch + self.garch >= 1 or not 0 <= self.correlation <= 1:
            raise ValueError("market: arch + garch must be below one, correlation in [0, 1]")


@dataclass(frozen=True)
class IndicatorLaws:
    """Yearly indicators of made-up countries.

    Fertility falls along a logistic curve to `fertility_floor` and life expectancy rises to
    `life_ceiling`, both with noise of first-order autocorrelation `persistence` and the deviation
    `noise`; the growth of population is uniform in `growth`. `missing` values are null.
    """

    countries: int = 40
    first_year: int = 1974
    years: int = 50
    fertility_floor: float = 1.8
    life_ceiling: float = 84.0
    growth: tuple[float, float] = (-0.002, 0.03)
    persistence: float = 0.7
    noise: float = 0.05
    missing: float = 0.02


@dataclass(frozen=True)
class EconomicSeries:
    """The law of a monthly indicator: a sum of parts, or 100 * exp(sum) for an index.

    The parts are a level and a linear trend a year, both uniform a country; a season `season` *
    cos(2 pi * (month - `peak`) / 12); the shock, with the effect `shock` in its first month; and
    noise of the deviation `noise`, whose correlation with the country's business cycle is `cycle`.
    """

    name: str
    is_index: bool
    level: tuple[float, float]
    trend: tuple[float, float]
    season: float
    peak: int
    shock: float
    noise: float
    cycle: float

    def __post_init__(self) -> None:
        if not -1 <= self.cycle <= 1:
            raise ValueError(f"economy: {self.name}: cycle must be in [-1, 1]")


@dataclass(frozen=True)
class EconomyLaws:
    """Monthly indicators of the countries that customers come from.

    The noise of a series has first-order autocorrelation `persistence`. Of two series of a country
    it has the correlation that is the product of their `cycle`; of two countries, that times
    `correlation`. Each country has one shock, in a month uniform in `shock_at` (fractions of the
    period), whose effect falls by the factor exp(-1 / `recovery`) a month.
    """

    series: tuple[EconomicSeries, ...] = (
        EconomicSeries(
            "retail_sales", True, (0, 0), (0.0, 0.04), 0.12, 12, -0.2, noise=0.02, cycle=0.8
        ),
        EconomicSeries(
            "consumer_prices", True, (0, 0), (0.01, 0.04), 0.005, 6, 0.03, noise=0.005, cycle=0.4
        ),
        EconomicSeries(
            "unemployment", False, (4, 10), (-0.1, 0.1), 0.4, 2, 3.0, noise=0.3, cycle=-0.8
        ),
    )
    years: int = 10
    persistence: float = 0.7
    correlation: float = 0.5
    shock_at: tuple[float, float] = (0.5, 0.7)
    recovery: float = 12.0

    def __post_init__(self) -> None:
        if not 0 <= self.persistence < 1 or not 0 <= self.correlation <= 1:
            raise ValueError("economy: persistence must be in [0, 1), correlation in [0, 1]")


@dataclass(frozen=True)
class NoteLaws:
    """Customer notes: a note has `mean_findings` personal data on average (Poisson, at most five),
    and with the probability `look_alikes` a number that only looks like one."""

    count: int = 1_000
    mean_findings: float = 0.6
    look_alikes: float = 0.2


@dataclass(frozen=True)
class DirtLaws:
    """The share of order lines that get each kind of dirt; a line gets one at most.

    The share of `mojibake` is of the lines whose description is not ASCII.
    """

    exact_duplicate: float = 0.005
    near_duplicate: float = 0.002
    typo: float = 0.002
    mojibake: float = 0.02
    missing_customer: float = 0.02
    price_times_ten: float = 0.001
    shifted_columns: float = 0.001
    wrong_date: float = 0.001


@dataclass(frozen=True)
class Parameters:
    """A whole shop.

    `lines` is how many invoice lines to expect; chance makes that a tenth more or less. `months`
    are counted from the month of `start`. The same parameters give the same bytes.
    """

    seed: int = 1
    lines: int = 100_000
    start: date = date(2023, 1, 1)
    months: int = 24
    rhythm: RhythmLaws = field(default_factory=RhythmLaws)
    products: ProductLaws = field(default_factory=ProductLaws)
    customers: CustomerLaws = field(default_factory=CustomerLaws)
    orders: OrderLaws = field(default_factory=OrderLaws)
    payments: PaymentLaws = field(default_factory=PaymentLaws)
    market: MarketLaws = field(default_factory=MarketLaws)
    indicators: IndicatorLaws = field(default_factory=IndicatorLaws)
    economy: EconomyLaws = field(default_factory=EconomyLaws)
    notes: NoteLaws = field(default_factory=NoteLaws)
    dirt: DirtLaws = field(default_factory=DirtLaws)

    def __post_init__(self) -> None:
        if not 1 <= self.lines <= MOST_LINES:
            raise ValueError(
                f"lines: {self.lines:,} is not between 1 and {MOST_LINES:,}; "
                "invoice numbers have six digits"
            )
        if self.start.day != 1 or not 1 <= self.months <= 120:
            raise ValueError("the period must begin on the first of a month and have 1-120 months")
        if self.seed < 0:
            raise ValueError(f"seed: {self.seed} is negative")
