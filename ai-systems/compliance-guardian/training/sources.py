"""Where the payments are that the model trains on by default."""

from __future__ import annotations

import os
from pathlib import Path

from payment_files import PaymentsError

FILE = "card_transactions_simulated.parquet"


def payments_file(given: Path | None) -> Path:
    """The file given, or the public one in FLEET_DATA_DIR. Raises PaymentsError without either."""
    if given is not None:
        return given
    folder = os.environ.get("FLEET_DATA_DIR")
    file = Path(folder, FILE) if folder else None
    if file is None or not file.is_file():
        raise PaymentsError(
            f"no payments: set FLEET_DATA_DIR to a folder with {FILE} (demo/open_data/README.md), "
            "or DATA to a file of payments"
        )
    return file
