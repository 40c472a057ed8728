"""The environment and AWS, as far as they are of fraud: settings, tables, the model's file."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from pydantic import Field

from compliance_guardian.fraud.costs import Costs
from datalake.dynamodb import DynamoItems
from datalake.items import ItemStore
from datalake.parallel import at_once
from lambda_app.settings import Settings

if TYPE_CHECKING:
    from compliance_guardian.fraud.model import Model


class FraudSettings(Settings):
    """What the API and the batch on fraud share: tables, and what decisions cost."""

    fraud_histories_table: str
    fraud_labels_table: str
    fraud_alerts_table: str
    fraud_cost_alert: float = Field(gt=0, allow_inf_nan=False)
    fraud_cost_missed: float = Field(gt=0, allow_inf_nan=False)

    @property
    def costs(self) -> Costs:
        """What an alert costs, and a fraud without one."""
        return Costs(self.fraud_cost_alert, self.fraud_cost_missed)


class FraudBatchSettings(FraudSettings):
    """The environment of the batch on fraud. Investigators have time for `fraud_cards_a_day`."""

    prod_bucket: str
    insights_bucket: str
    fraud_cards_a_day: int = Field(ge=1)


@cache
def settings() -> FraudSettings:
    """Raises InvalidSettingsError."""
    return FraudSettings.from_environment(os.environ)


@cache
def batch_settings() -> FraudBatchSettings:
    """Raises InvalidSettingsError."""
    return FraudBatchSettings.from_environment(os.environ)


@cache
def histories() -> ItemStore:
    """The histories of customers and terminals."""
    return DynamoItems(_dynamodb(), settings().fraud_histories_table, at_once)


@cache
def labels() -> ItemStore:
    """What investigations found."""
    return DynamoItems(_dynamodb(), settings().fraud_labels_table)


@cache
def alerts() -> ItemStore:
    """The cards to be investigated."""
    return DynamoItems(_dynamodb(), settings().fraud_alerts_table)


@cache
def model() -> Model:
    """The model as it was trained; numpy is imported only where it is used."""
    from compliance_guardian.fraud.model import Model
    from modelkit.artefact import load

    artefact = load("compliance_guardian")
    return Model.from_bytes(artefact.card.model_version, artefact.content)


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb")
