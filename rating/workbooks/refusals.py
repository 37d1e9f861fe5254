"""A refused import on a page: its faults as far as a table should show them, and all of them to download."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from rating.errors import BadRow, BadRows
from rating.web.downloads import XLSX
from rating.web.language import told
from rating.wording import Label, Message
from rating.workbooks.marking import mark_faults
from rating.workbooks.reading import Sheet
from rating.workbooks.writing import write_csv

SHOWN_FAULTS = 200
MOST_MARKED = 100_000  # cells


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says of a refused import; `link` has all faults as a .csv, `marked` the file with its faults, if
    that isn't too long for a page.
    """

    message: Message
    shown: list[BadRow]
    more: int
    link: str
    marked: str


def show_refusal(error: BadRows, sheets: Iterable[tuple[Label, Sheet]]) -> Refusal:
    """A refused import as a page shows it; `sheets` are what was read, by the label of the table that each is."""
    shown, more = error.rows[:SHOWN_FAULTS], max(0, len(error.rows) - SHOWN_FAULTS)
    return Refusal(error.message, shown, more, _link(error.rows), _marked(sheets, error.rows))


def _marked(sheets: Iterable[tuple[Label, Sheet]], rows: list[BadRow]) -> str:
    """The file with its faults marked, inside the link too; '' for one that is too long, or has no table."""
    known = list(sheets)
    if not known or sum(len(sheet.rows) * len(sheet.headings) for _, sheet in known) > MOST_MARKED:
        return ""
    return f"data:{XLSX};base64," + base64.b64encode(mark_faults(known, rows, told)).decode()


def _link(rows: list[BadRow]) -> str:
    """All faults as a .csv inside the link itself: nothing of a refused file is stored on the server."""
    headings = [_("Sheet"), _("Row"), _("Column"), _("What is wrong"), _("What stands there")]
    cells = ([told(row.sheet), row.row or "", told(row.column), told(row.reason), row.value] for row in rows)
    return "data:text/csv;base64," + base64.b64encode(write_csv(headings, cells).encode()).decode()
