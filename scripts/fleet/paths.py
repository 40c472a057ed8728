"""Where things are in a checkout; everything generated at run time lives under STATE."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "functions.yaml"
CATALOGUE_SCHEMA = ROOT / "functions.schema.json"
TRAFFIC = ROOT / "traffic.yaml"
"""What `make cost` assumes of the catalogue's functions, buckets and tables in a month."""
CONSTRAINTS = ROOT / "constraints.txt"
DEMO = ROOT / "demo"
"""The commands of the application, which use this package as a library."""
IMAGES = ROOT / "images"
LIBS = ROOT / "libs"
TRAINING = "training"
"""The folder of a function that holds what trains and evaluates its model."""
STATE = Path(os.environ.get("FLEET_STATE_DIR", ROOT / ".fleet"))
