"""Workbooks as XML, for what no library writes."""

from __future__ import annotations

import io
import zipfile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
PRICE_HEADER = ("Stock Code", "Description", "Category", "List Price")


def text(value: str) -> str:
    """A cell with a text of its own."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def number(value: object, style: int = 0) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def row(*cells: str, at: int | None = None) -> str:
    address = f' r="{at}"' if at else ""
    return f"<row{address}>{''.join(cells)}</row>"


def header(*names: str) -> str:
    return row(*(text(name) for name in names or PRICE_HEADER))


def parts(
    *rows: str,
    styles: str = "",
    shared: str = "",
    properties: str = "",
    sheets: str = '<sheet name="Prices" sheetId="1" r:id="rId1"/>',
) -> dict[str, str]:
    """The parts of a workbook with one sheet of these rows."""
    relation = f'<Relationship Type="{_OFFICE}/'
    return {
        "_rels/.rels": f'<Relationships {_RELATIONS}>{relation}officeDocument" Id="rId1" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{_OFFICE}"><workbookPr {properties}/>'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships {_RELATIONS}>{relation}worksheet" Id="rId1" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{''.join(rows)}</sheetData>"
        "</worksheet>",
        "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
    }


def packed(content: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The archive of some parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return file.getvalue()


def prices(*rows: str, **others: str) -> bytes:
    """A price list of these rows below its header."""
    return packed(parts(header(), *rows, **others))
