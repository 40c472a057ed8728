"""The domain: unusual periods of the past, and what changed lately. No AWS and no HTTP in here."""
