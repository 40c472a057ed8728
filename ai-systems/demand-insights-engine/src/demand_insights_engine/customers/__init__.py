"""Customers: who is active, what they will buy, and what to offer them, as of a date."""
