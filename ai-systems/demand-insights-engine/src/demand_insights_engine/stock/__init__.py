"""The domain: when to order a product, and how much. No AWS and no HTTP in here."""
