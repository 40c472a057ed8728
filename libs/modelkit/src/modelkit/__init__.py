"""Model artefacts with cards, evaluations, drift and charts; the standard library suffices."""
