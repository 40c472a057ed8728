from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from datalake.manifest import Input, Manifest

TEXT = {
    "manifest_version": "1.0",
    "product": "demand_daily",
    "contract_version": "1.0",
    "source": "shop",
    "month": "2011-02",
    "rows": 6,
    "bytes": 4293,
    "sha256": "9c",
    "inputs_digest": "ed",
    "parameters": {"through": "2011-02-02"},
    "inputs": [{"bucket": "prod", "key": "merged_orders/é", "sha256": "ce"}],
}


def test_it_is_written_as_it_was_read() -> None:
    manifest = Manifest.model_validate_json(json.dumps(TEXT))
    assert (manifest.table, manifest.month, manifest.size) == ("demand_daily", "2011-02", 4293)
    assert manifest.inputs == (Input("prod", "merged_orders/é", "ce"),)
    assert manifest.to_json().decode() == json.dumps(TEXT, indent=2, ensure_ascii=False) + "\n"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValidationError, match="sha256"):
        Manifest.model_validate({name: TEXT[name] for name in TEXT if name != "sha256"})
