from __future__ import annotations

from pathlib import Path

import pytest

from data_dictionary import page
from data_dictionary.__main__ import main


def test_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "tables.md")

    main()

    assert (tmp_path / "tables.md").read_text() == page.page()
