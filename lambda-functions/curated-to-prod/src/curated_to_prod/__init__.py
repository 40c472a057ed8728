"""From the curated tables of all objects to one product per reading system."""
