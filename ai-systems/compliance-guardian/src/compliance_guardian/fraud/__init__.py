"""Fraud among payments: their histories, features, model and reasons; nothing here knows AWS."""
