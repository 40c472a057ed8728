"""Which order line a return takes back."""

from __future__ import annotations

import polars as pl

from raw_to_curated.quality.keys import PRODUCT

_MATCHED = ("matched_order_id", "matched_line_number")


def match(orders: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """The returns with `matched_order_id` and `matched_line_number`, null where there is none.

    A return belongs to the latest order line of the same customer, product, price and currency
    that was written no later and of which at least the returned quantity is left. Returns are
    matched in the order of their time and line number, and each uses up what it takes back, so
    that no line is matched beyond its quantity. A return without customer matches none.
    """
    key = (PRODUCT.alias("product"), "customer_id", "unit_price", "currency")
    names = ["product", "customer_id", "unit_price", "currency"]
    asked = returns.select(*key, "ordered_at", "quantity", "line_number").drop_nulls("customer_id")
    sold = (
        orders.select(*key, "ordered_at", "quantity", "line_number", "order_id")
        .join(asked.select(names), on=names, how="semi")
        .sort(*names, "ordered_at", "line_number")
        .with_row_index("index")
    )
    bounds = sold.group_by(names).agg(pl.col("index").min().alias("begin"))
    # The number of the key's order lines up to the time of the return is where the search ends.
    counted = sold.select(*names, "ordered_at", (pl.col("index") + 1).alias("end"))
    requests = (
        asked.join(bounds, on=names, how="inner")
        .sort("ordered_at")
        .join_asof(
            counted.sort("ordered_at", "end"),
            on="ordered_at",
            by=names,
            strategy="backward",
            check_sortedness=False,  # sorted two lines above
        )
        .drop_nulls("end")
        .sort("ordered_at", "line_number")
    )
    left = _Remaining(sold["quantity"].to_list())
    found = [
        left.take(begin, end, quantity)
        for begin, end, quantity in requests.select("begin", "end", "quantity").iter_rows()
    ]
    matched = requests.select("line_number", pl.Series("index", found, dtype=pl.UInt32)).join(
        sold.select(
            "index",
            pl.col("order_id").alias("matched_order_id"),
            pl.col("line_number").alias("matched_line_number"),
        ),
        on="index",
        how="left",
    )
    return returns.drop(*_MATCHED, strict=False).join(
        matched.select("line_number", *_MATCHED),
        on="line_number",
        how="left",
        maintain_order="left",
    )


class _Remaining:
    """What is left of each order line: a segment tree of maxima.

    Finds the latest line with enough left in logarithmic time, so that a customer with 100,000
    lines of one product costs no more than others.
    """

    def __init__(self, quantities: list[int]) -> None:
        self._leaves = 1 << max(len(quantities) - 1, 0).bit_length()
        padding = [0] * (self._leaves - len(quantities))
        self._tree = [0] * self._leaves + quantities + padding
        for node in range(self._leaves - 1, 0, -1):
            self._tree[node] = max(self._tree[2 * node], self._tree[2 * node + 1])

    def take(self, begin: int, end: int, quantity: int) -> int | None:
        """Take `quantity` from the last line in [begin, end) that has it; its index or None."""
        node = self._last(begin, end, quantity)
        if node is None:
            return None
        self._tree[node] -= quantity
        index = node - self._leaves
        while node > 1:
            node //= 2
            self._tree[node] = max(self._tree[2 * node], self._tree[2 * node + 1])
        return index

    def _last(self, begin: int, end: int, quantity: int) -> int | None:
        """The leaf of the last line in [begin, end) with at least `quantity`."""
        low, high = begin + self._leaves, end + self._leaves
        # Subtrees that make up the range: those at its right end come in order, those at its left
        # end in the opposite one.
        left: list[int] = []
        while low < high:
            if high % 2:
                high -= 1
                if self._tree[high] >= quantity:
                    return self._descend(high, quantity)
            if low % 2:
                left.append(low)
                low += 1
            low, high = low // 2, high // 2
        for node in reversed(left):
            if self._tree[node] >= quantity:
                return self._descend(node, quantity)
        return None

    def _descend(self, node: int, quantity: int) -> int:
        while node < self._leaves:
            node = 2 * node + 1 if self._tree[2 * node + 1] >= quantity else 2 * node
        return node
