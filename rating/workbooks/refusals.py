"""A refused import on a page: its faults as far as a table should show them, and all of them to download."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from flask_babel import gettext as _

from rating.errors import BadRow, BadRows
from rating.web.language import told
from rating.wording import Message
from rating.workbooks.writing import write_csv

SHOWN_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says of a refused import; `link` has all faults as a .csv."""

    message: Message
    shown: list[BadRow]
    more: int
    link: str


def show_refusal(error: BadRows) -> Refusal:
    """A refused import as a page shows it."""
    return Refusal(error.message, error.rows[:SHOWN_FAULTS], max(0, len(error.rows) - SHOWN_FAULTS), _link(error.rows))


def _link(rows: list[BadRow]) -> str:
    """All faults as a .csv inside the link itself: nothing of a refused file is stored on the server."""
    headings = [_("Sheet"), _("Row"), _("Column"), _("What is wrong"), _("What stands there")]
    cells = ([told(row.sheet), row.row or "", told(row.column), told(row.reason), row.value] for row in rows)
    return "data:text/csv;base64," + base64.b64encode(write_csv(headings, cells).encode()).decode()
