"""Demand for products, groups of them, and all together."""
