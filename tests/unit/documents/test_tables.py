from __future__ import annotations

from fleet import tables


def test_the_page_of_the_tables_is_current() -> None:
    assert tables.PAGE.read_text() == tables.page(), "run `make docs`"
