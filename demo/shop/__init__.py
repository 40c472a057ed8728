"""A made-up shop with known truth."""

from shop.generate import Block, Shop, ShopMonth
from shop.parameters import Parameters

__all__ = ["Block", "Parameters", "Shop", "ShopMonth"]
