"""Public data sets as raw files."""
