"""What a cell can be: a value, truly empty, or something else that only looks like one of these.

Something else is a fault of its cell, with its own sentence; nothing here guesses what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from rating.wording import Message, _l
from rating.workbooks.writing import ESCAPED


class OddKind(StrEnum):
    """What stands in a cell in place of a value."""

    ERROR = "error"  # #N/A, #REF!, #DIV/0!
    MERGED = "merged"  # covered by a cell before it
    NOT_COMPUTED = "not_computed"  # a formula whose result was never saved
    AMBIGUOUS = "ambiguous"  # a name that several records have
    UNKNOWN = "unknown"  # a name that none has


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that is neither a value nor empty; `text` is what is shown there, the cell that covers it, or codes."""

    kind: OddKind
    text: str = ""

    @property
    def reason(self) -> Message:
        """Why it can't be taken, and what to do."""
        if self.kind is OddKind.ERROR:
            return _l("The formula gives the error %(error)s. Correct it, or type the value.", error=self.text)
        if self.kind is OddKind.MERGED:
            return _l(
                "This cell is merged with %(cell)s, and only that one has a value. Unmerge the cells and fill in each.",
                cell=self.text,
            )
        if self.kind is OddKind.AMBIGUOUS:
            return _l("Several have this name: %(codes)s. Give the code.", codes=self.text)
        if self.kind is OddKind.UNKNOWN:
            return _l("Neither the register nor this file has one of this name. Give its name as it stands there.")
        return _l("This formula has no saved result. Open the file in Excel or WPS and save it, or type the value.")


Value: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Decimal
Cell: TypeAlias = Value | Odd | None

# Written for "none" by people who leave no cell empty.
NOTHING = frozenset({
    "无", "没有", "暂无", "空", "/", "\\", "-", "--", "—", "——", "–", "n/a", "na", "none", "nil", "null",
})  # fmt: skip
_BLANKS = re.compile(r"\s+")


def clean(cell: Cell) -> str:
    """A cell as text: blanks around it removed and those within it one, whole numbers without '.0'; '' for an empty
    cell. Signs that can't be seen are kept but at the ends: whoever reads a value refuses them or reads through them.
    """
    if cell is None:
        return ""
    if isinstance(cell, Odd):
        return cell.text if cell.kind is OddKind.ERROR else ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = ESCAPED.sub("", str(cell).strip(" "))
    return _BLANKS.sub(" ", text).strip().strip("\u200b\u200c\u200d\u2060\ufeff").strip()


def is_empty(cell: Cell) -> bool:
    """Whether there is truly nothing in a cell."""
    return not isinstance(cell, Odd) and not clean(cell)


def seen(text: Cell) -> str:
    """A text as it is seen: full-width forms normalised, signs that can't be seen left out, blanks around it removed.

    Blanks between its parts are kept: whoever parses it decides what may stand there.
    """
    plain = unicodedata.normalize("NFKC", clean(text))
    return "".join(sign for sign in plain if not is_unseen(sign)).strip()


def fold(text: Cell) -> str:
    """A heading, code or key word for comparing: as it is seen, lower case, no blanks."""
    return seen(text).replace(" ", "").casefold()


def is_unseen(sign: str) -> bool:
    """Whether a sign can't be seen or has no meaning: formats, directions, controls, private use, unassigned."""
    return unicodedata.category(sign)[0] == "C"


def is_nothing(cell: Cell) -> bool:
    """Whether a sign for 'none' was written; an empty cell is none of these."""
    return fold(cell) in NOTHING if not isinstance(cell, Odd) else False
