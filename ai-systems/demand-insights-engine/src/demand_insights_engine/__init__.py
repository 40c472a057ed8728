"""Finds unusual weeks in the demand for products."""
