"""The domain: how demand responds to prices, promotions and the season. No AWS and no HTTP in here."""
