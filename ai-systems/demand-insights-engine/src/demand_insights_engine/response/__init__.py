"""The domain: how demand responds to prices and the season. No AWS and no HTTP in here."""
