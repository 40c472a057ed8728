"""Groups of products, by the letters that their codes begin with."""

from __future__ import annotations

import re

OTHER = "other"
"""The group of codes that do not begin with letters."""

_LETTERS = re.compile(r"(?:[^\W\d_]+[-_./ ])*[^\W\d_]{2,}(?=[-_./ ]|\d)")


def group_of(product_id: str) -> str:
    """The group of a product: `FUR-BO` of `FUR-BO-10001798`; OTHER of `85123A`.

    Shops that sort their goods do so in their codes, and no source has another column for it.
    """
    found = _LETTERS.match(product_id)
    return found[0].upper() if found else OTHER
