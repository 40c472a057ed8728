"""The domain: finds card numbers and personal data in text. It knows neither files nor AWS."""
