"""The domain: which weeks of a series are unusual. No AWS and no HTTP in here."""
