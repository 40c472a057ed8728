"""The products of the shop: what is true of each, from which `demand` makes every day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.parameters import Parameters, ProductLaws
from shop.periods import days_of
from shop.streams import Bools, Floats, Ints, stream

_LOOKS = ("WHITE", "RED", "BLUE", "GREEN", "VINTAGE", "CRÈME", "RUSTIC", "FOLDING", "TINY", "GIANT")
_MATERIALS = ("OAK", "CORK", "ENAMEL", "GLASS", "FELT", "COPPER", "PAPER", "WICKER", "SLATE")
_THINGS = {
    "Kitchen": ("CAFÉ MUG", "TRAY", "TEAPOT", "JAR", "BOWL"),
    "Garden": ("PLANTER", "BIRD FEEDER", "TROWEL", "WATERING CAN", "BENCH"),
    "Christmas": ("BAUBLE", "STAR", "WREATH", "ADVENT BOX", "REINDEER"),
    "Lighting": ("LANTERN", "LAMP", "CANDLE HOLDER", "STRING OF LIGHTS", "TORCH"),
    "Stationery": ("NOTEBOOK", "PENCIL CASE", "CARD", "STAMP SET", "CALENDAR"),
    "Toys": ("TRAIN", "PUPPET", "PUZZLE", "KITE", "SPINNING TOP"),
}
_GENERIC = ("ITEM", "THING", "PIECE", "SET", "GIFT")


@dataclass(frozen=True)
class Products:
    """One element, or row, a product; this is the truth about demand.

    `popularity` is the log of demand relative to the others, `trend` its change a year. A product
    is sold from day `launch` to before day `end` of the period; one that came before it has a
    launch far before, one that goes after it an end far after. `interval` is the mean number of
    days between two demands of an intermittent product, and nan of the others. `units` is the mean
    of a line's units at the list price. `revision` (products, years) are the factors of list prices
    in each calendar year. A promotion (products, promotions) begins on a day and takes a discount.
    """

    codes: tuple[str, ...]
    descriptions: tuple[str, ...]
    group: Ints
    list_price: Ints
    popularity: Floats
    trend: Floats
    elasticity: Floats
    units: Floats
    interval: Floats
    launch: Ints
    end: Ints
    revision: Floats
    promotion_start: Ints
    promotion_discount: Floats

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def is_intermittent(self) -> Bools:
        """Which products have intermittent demand."""
        return ~np.isnan(self.interval)


def products(parameters: Parameters) -> Products:
    """Draw the products of a shop."""
    laws = parameters.products
    chance = stream(parameters.seed, "products")
    days = days_of(parameters)
    count = min(max(parameters.lines // laws.lines_a_product, laws.least), laws.most)
    group = chance.integers(0, len(laws.groups), count)
    median = np.array([g.price for g in laws.groups])[group]
    # Prices end in 5 pence.
    price = np.maximum(5 * np.round(median * chance.lognormal(0, 0.4, count) / 5), 25)
    mean_elasticity = np.array([g.elasticity for g in laws.groups])[group]
    spread = chance.uniform(-laws.elasticity_spread, laws.elasticity_spread, count)
    is_intermittent = chance.random(count) < laws.intermittent
    launch = np.full(count, -laws.ramp_days)
    is_new = chance.random(count) < laws.launched
    launch[is_new] = chance.integers(0, days, count)[is_new]
    end = np.full(count, days + laws.fade_days)
    is_last = chance.random(count) < laws.ended
    end[is_last] = (launch + chance.integers(laws.ramp_days + laws.fade_days, days + 180, count))[
        is_last
    ]
    years = (parameters.start.month + parameters.months + 10) // 12
    revision = chance.uniform(*laws.revision, (count, years))
    revision[:, 0] = 1
    promotions = max(1, round(laws.promotions * days / 365.25))
    return Products(
        codes=_codes(count, chance),
        descriptions=_descriptions(laws, group, chance),
        group=group,
        list_price=price.astype(np.int64),
        popularity=chance.normal(0, laws.popularity_sd, count),
        trend=chance.normal(0, laws.trend_sd, count),
        elasticity=mean_elasticity + spread,
        units=chance.uniform(*laws.units, count),
        interval=np.where(is_intermittent, chance.uniform(*laws.interval_days, count), np.nan),
        launch=launch,
        end=end,
        revision=np.cumprod(revision, axis=1, dtype=np.float64),
        promotion_start=chance.integers(0, days, (count, promotions)),
        promotion_discount=chance.choice(np.array(laws.discounts), (count, promotions)),
    )


def _codes(count: int, chance: np.random.Generator) -> tuple[str, ...]:
    """Five digits, some with a letter for the colour; from 30000, where no service has a number."""
    numbers = 30_000 + chance.choice(60_000, count, replace=False)
    letters = chance.choice(["", "", "", "A", "B", "C"], count)
    return tuple(f"{number}{letter}" for number, letter in zip(numbers, letters, strict=True))


def _descriptions(laws: ProductLaws, group: Ints, chance: np.random.Generator) -> tuple[str, ...]:
    words = chance.integers(0, 90, (len(group), 3))
    return tuple(
        f"{_LOOKS[look % len(_LOOKS)]} {_MATERIALS[material % len(_MATERIALS)]} "
        f"{things[thing % len(things)]}"
        for (look, material, thing), things in zip(
            words.tolist(),
            (_THINGS.get(laws.groups[index].name, _GENERIC) for index in group),
            strict=True,
        )
    )
