from __future__ import annotations

from data_dictionary.page import PAGE, page


def test_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"
