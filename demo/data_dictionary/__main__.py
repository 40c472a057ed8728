"""`make docs`: write docs/tables.md."""

from __future__ import annotations

from data_dictionary import page


def main() -> None:
    """Write the page."""
    page.PAGE.write_text(page.page())


if __name__ == "__main__":
    main()
