"""Plain tables as a workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

__all__ = ["workbook"]


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """Return an ``.xlsx`` workbook in which every cell is a text.

    Parameters
    ----------
    sheets : mapping of str to rows
        Name of the sheet → its rows; the first one is its heading.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet("".join(c for c in name if c not in "[]:*?/\\")[:31])
        for r, row in enumerate(rows, start=1):
            for c, value in enumerate(row, start=1):
                cell = sheet.cell(r, c)
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type = "s"  # nothing here is ever a formula
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
