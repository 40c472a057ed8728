"""Finds card data and personal data in texts and in the raw files of the platform."""
