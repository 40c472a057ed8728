"""What the scans of raw objects for card data and personal data found."""

from __future__ import annotations

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable
from datalake.policies import Action

_SYSTEM = "compliance-guardian"
_ACTIONS = tuple(action.value for action in Action)
_OUTCOMES = ("reported", "released", "blocked", "wrong_bucket")
_COUNT = pl.Int64()
_BUCKET = Column("bucket", pl.String(), "Where the object is", allowed=("inbox", "raw"))
_KEY = Column("key", pl.String(), "Key of the object, numbers in it masked")
_MEMBER = Column("member", pl.String(), "File in the archive, numbers in its name masked; or empty")
_FIELD = Column("field", pl.String(), "Column of the table or member of the JSON object; or empty")
_KIND = Column("kind", pl.String(), "What was found")

COMPLIANCE_FINDINGS = InsightsTable(
    name="compliance_findings",
    version="1.1",
    system=_SYSTEM,
    description="Card numbers and personal data in an object, the first 10,000 of each object.",
    partition="object",
    columns=(
        Column("finding", _COUNT, "Number of the finding in the object, from 1", minimum=1),
        _BUCKET,
        _KEY,
        _MEMBER,
        _KIND,
        Column("masked", pl.String(), "All of the value that may be shown"),
        Column("confidence", pl.Float64(), "Probability by the evidence", minimum=0.0, maximum=1.0),
        Column("evidence", pl.String(), "Reasons, each with what it adds to the logarithmic odds"),
        _FIELD,
        Column("row", _COUNT, "Row of data, from 1", nullable=True, minimum=1),
        Column("byte", _COUNT, "Offset in the unpacked file", "bytes", nullable=True, minimum=0),
        Column("line", _COUNT, "Line, from 1", nullable=True, minimum=1),
        Column(
            "column", _COUNT, "Column of the line, from 1", "characters", nullable=True, minimum=1
        ),
        *VERSION_COLUMNS,
    ),
    key=("finding",),
)

COMPLIANCE_FIELDS = InsightsTable(
    name="compliance_fields",
    version="1.1",
    system=_SYSTEM,
    description="How many values of each field of an object hold each kind of data.",
    partition="object",
    columns=(
        _BUCKET,
        _KEY,
        _MEMBER,
        _FIELD,
        _KIND,
        Column("findings", _COUNT, "Findings in the field", minimum=1),
        Column("rows_found", _COUNT, "Rows with a finding", "rows", minimum=0),
        Column("rows", _COUNT, "Rows of the table; 0 where the object has none", "rows", minimum=0),
        Column(
            "share",
            pl.Float64(),
            "rows_found / rows",
            nullable=True,
            minimum=0.0,
            maximum=1.0,
        ),
        *VERSION_COLUMNS,
    ),
    key=("member", "field", "kind"),
)

COMPLIANCE_SCANS = InsightsTable(
    name="compliance_scans",
    version="1.1",
    system=_SYSTEM,
    description="How far each object could be scanned, and what became of it; written last.",
    partition="object",
    columns=(
        _BUCKET,
        _KEY,
        Column("delivered_at", pl.Datetime("us", "UTC"), "When the object was written"),
        Column("policy", pl.String(), "Policy of the source", allowed=_ACTIONS),
        Column(
            "outcome",
            pl.String(),
            "`reported`, `released` to raw, `blocked`, or `wrong_bucket`: in raw without a release",
            allowed=_OUTCOMES,
        ),
        Column("size", _COUNT, "Size of the object as it was uploaded", "bytes", minimum=0),
        Column("files", _COUNT, "Files in it: 1, or more in an archive", minimum=0),
        Column("scanned", _COUNT, "Bytes scanned, unpacked", "bytes", minimum=0),
        Column("rows", _COUNT, "Rows of its tables", "rows", minimum=0),
        Column("findings", _COUNT, "Findings, also those beyond the first 10,000", minimum=0),
        Column("protected", _COUNT, "Those of kinds that the policy covers", minimum=0),
        Column("is_complete", pl.Boolean(), "Whether all of it was scanned"),
        Column(
            "problem",
            pl.String(),
            "Why not, or why it was blocked, and what to do",
            nullable=True,
        ),
        *VERSION_COLUMNS,
    ),
    key=("key",),
)

COMPLIANCE_INVENTORY = InsightsTable(
    name="compliance_inventory",
    version="1.0",
    system=_SYSTEM,
    description="Every object that was scanned, and how much card data it holds: the newest scan "
    "of each.",
    partition="",
    columns=(
        Column("object", pl.String(), "Partition of the object in compliance_scans"),
        _BUCKET,
        _KEY,
        Column("delivered_at", pl.Datetime("us", "UTC"), "When the object was written"),
        Column("policy", pl.String(), "Policy of the source", allowed=_ACTIONS),
        Column("outcome", pl.String(), "What became of it", allowed=_OUTCOMES),
        Column("is_complete", pl.Boolean(), "Whether all of it was scanned"),
        Column("size", _COUNT, "Size of the object as it was uploaded", "bytes", minimum=0),
        Column("card_numbers", _COUNT, "Card numbers found", minimum=0),
        Column("track_data", _COUNT, "Magnetic stripes found", minimum=0),
        Column("verification_codes", _COUNT, "Card verification codes found", minimum=0),
        Column("personal_data", _COUNT, "Other findings", minimum=0),
        Column(
            "readable",
            _COUNT,
            "Card numbers, stripes and codes that can be read in the raw bucket",
            minimum=0,
        ),
        Column("scan_version", pl.String(), "`data_version` of the scan", pattern="[0-9a-f]{16}"),
        *VERSION_COLUMNS,
    ),
    key=("object",),
)

COMPLIANCE_TABLES = (COMPLIANCE_FINDINGS, COMPLIANCE_FIELDS, COMPLIANCE_SCANS)
"""Of one object each, in the order in which they are written."""
