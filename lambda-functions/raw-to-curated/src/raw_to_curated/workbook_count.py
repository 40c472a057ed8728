"""The rows of a workbook, counted by the tags of its sheet.

A scan of the text that shares no code with typed_files, and parses no XML.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TEXTS = "xl/sharedStrings.xml"
_NAME = r"(?:[\w.-]+:)?"
_END_OF_ROW = re.compile(rf"</{_NAME}row\s*>")
_END_OF_TEXT = re.compile(rf"</{_NAME}si\s*>|<{_NAME}si\s*/>")
_TAG = re.compile(rf"<{_NAME}(c|f|v|t)((?:\s[^<>]*)?/?)>([^<]*)")
_KIND = re.compile(r"""\st\s*=\s*["'](\w+)""")
# How the texts of a workbook write characters that XML does not have.
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def sheet_rows(path: Path, most_bytes: int) -> int | None:
    """The rows that hold a value, the header included, of the only sheet.

    None where there are several sheets, or where a part unpacks to more than `most_bytes` or is
    UTF-16. Raises what `zipfile` raises.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        sheets = [name for name in names if _SHEET.fullmatch(name)]
        if len(sheets) != 1:
            return None
        sheet = _text(archive, sheets[0], most_bytes)
        texts = _text(archive, _TEXTS, most_bytes) if _TEXTS in names else ""
    if sheet is None or texts is None:
        return None
    blank = {
        str(number)
        for number, text in enumerate(_END_OF_TEXT.split(texts)[:-1])
        if not any(_is_written(tag) for tag in _TAG.finditer(text))
    }
    return sum(_has_value(row, blank) for row in _END_OF_ROW.split(sheet)[:-1])


def _text(archive: zipfile.ZipFile, name: str, most_bytes: int) -> str | None:
    """A part without its comments."""
    with archive.open(name) as part:
        content = part.read(most_bytes + 1)
    if len(content) > most_bytes or content.startswith(_UTF16):
        return None
    first, *others = content.decode(errors="replace").split("<!--")
    return "".join([first, *(after.partition("-->")[2] for after in others)])


def _has_value(row: str, blank: set[str]) -> bool:
    """Whether a cell has a value, or a formula without one; `blank` numbers the empty texts."""
    kind, is_formula = "", False
    for tag in _TAG.finditer(row):
        if tag[1] == "c":
            if is_formula:
                return True
            found = _KIND.search(tag[2])
            kind, is_formula = found[1] if found else "", False
        elif tag[1] == "f":
            is_formula = True
        elif _is_written(tag) and not (kind == "s" and tag[3] in blank):
            return True
        elif kind in ("str", "inlineStr"):
            # A formula whose value is the empty text.
            is_formula = False
    return is_formula


def _is_written(tag: re.Match[str]) -> bool:
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), unescape(tag[3]))
    return not tag[2].endswith("/") and text.strip() != ""
