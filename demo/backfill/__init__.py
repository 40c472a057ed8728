"""Curates what was in the raw bucket before its events were heard."""
