"""Errors of the domain. They know nothing of HTTP; web.py maps each family to a page."""

from __future__ import annotations

from collections.abc import Sequence

from rating.wording import Label, Message


class DomainError(Exception):
    """Something a person asked for cannot be done; `message` says why in the user's words.

    `field` names the form field that it concerns, where there is one.
    """

    def __init__(self, message: Message, *, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field


class NotFound(DomainError):
    """There is no such thing (or not for this person)."""


class Refused(DomainError):
    """This person may not do this."""


class Conflict(DomainError):
    """The state of things does not allow it (a closed round, a used rulebook)."""


class Invalid(DomainError):
    """What was given does not make sense; the form shows it beside its field."""


class TooMany(DomainError):
    """Too many tries; in `seconds` it can be tried again."""

    def __init__(self, message: Message, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class BadRows(Invalid):
    """An import was refused; `rows` lists every bad row, so that all can be mended at once."""

    def __init__(self, message: Message, rows: Sequence[BadRow]) -> None:
        super().__init__(message)
        self.rows = list(rows)


class BadRow:
    """One fault of an import: where it stands and why. `row` counts as a spreadsheet does; 0 means the sheet."""

    __slots__ = ("column", "reason", "row", "sheet", "value")

    def __init__(self, sheet: Label | str, row: int, column: Label | str, reason: Message, value: str = "") -> None:
        self.sheet = sheet
        self.row = row
        self.column = column
        self.reason = reason
        self.value = value

    def __str__(self) -> str:
        place = ", ".join(
            str(part) for part in (self.sheet, f"row {self.row}" if self.row else "", self.column) if str(part)
        )
        return f"{place}: {self.reason}" + (f" [{self.value}]" if self.value else "")
