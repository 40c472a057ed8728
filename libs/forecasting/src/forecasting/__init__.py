"""Forecasts of many series at once: rows are series, columns are time, NaN is unknown."""
