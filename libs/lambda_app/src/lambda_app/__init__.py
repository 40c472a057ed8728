"""Handlers of the fleet: settings, SQS batches, HTTP APIs, insights, logs and metrics."""
