"""What a source declares for its quality columns. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from datalake.contracts.curated import LINE_TYPES


@dataclass(frozen=True)
class QualityRules:
    """codes: line type → patterns (Rust syntax) of the whole product codes of that type, in upper
    case. All other codes are products.

    impute: column → the column that determines it. Nulls are filled with the most frequent value
    among the object's lines that agree in that column, and the line says so in imputed_columns.
    """

    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    impute: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.codes) - set(LINE_TYPES))
        if unknown:
            raise ValueError(f"no such line types: {unknown}; there are {', '.join(LINE_TYPES)}")


_LETTER_CODES = {
    "postage": ("POST", "DOT", "C2"),  # postage, postage of orders from the web, carriage
    # AMAZONFEE, CRUK: commissions of a market place and to a charity (Cancer Research UK).
    "fee": ("BANK CHARGES", "AMAZONFEE", "CRUK"),
    "discount": ("D",),
    "adjustment": ("M", "B", "ADJUST[0-9]*"),  # manual entry, bad debt
    "test": ("TEST[0-9]*",),
    # Samples, cushion pads at 0.001, vouchers: handed out, not sold at a price of their own.
    "other": ("S", "PADS", "GIFT_[0-9]+_[0-9]+"),
}

COMMON = QualityRules(codes=_LETTER_CODES)
"""Codes that cannot be mistaken for goods, whatever the source."""

ONLINE_RETAIL = QualityRules(
    codes={
        **_LETTER_CODES,
        "postage": (*_LETTER_CODES["postage"], "23444"),  # Next Day Carriage
        "fee": (*_LETTER_CODES["fee"], "23574"),  # PACKING CHARGE
        "other": (*_LETTER_CODES["other"], "22016"),  # Gift Voucher £100.00
    },
    impute={"description": "product_id"},
)
"""UCI Online Retail, both editions; some of its services have numbers like goods."""
