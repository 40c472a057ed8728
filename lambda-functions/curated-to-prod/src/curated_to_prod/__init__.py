"""From the curated tables of all objects to the tables of the prod bucket."""
