from pathlib import Path

import pytest

from open_data import __main__ as command
from open_data import sets
from open_data.download import Progress


def test_data_that_is_here_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(progress: Progress) -> Path:
        progress(1, None)
        progress(2, 2)
        fetched.append("Online Retail")
        (tmp_path / sets.ONLINE_RETAIL_FILE).touch()
        return tmp_path / sets.ONLINE_RETAIL_FILE

    fetched: list[str] = []
    monkeypatch.delenv("FLEET_DATA_DIR", raising=False)
    monkeypatch.setattr(sets, "DATA", tmp_path)
    monkeypatch.setattr(command, "fetch_online_retail", fetch)

    command.main()
    command.main()

    assert fetched == ["Online Retail"]
