"""Errors of the domain. They know nothing of HTTP; rating.web.errors maps each family to a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rating.wording import Label, Message, _l

Kind: TypeAlias = tuple[str, str, str]


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
    """The current state does not allow it (a closed round, a used rulebook)."""


class Invalid(DomainError):
    """The input does not make sense; the form shows the message beside its field."""


class TooMany(DomainError):
    """Too many tries; it can be retried in `seconds`."""

    def __init__(self, message: Message, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class BadRows(Invalid):
    """An import was refused; `rows` lists what is wrong, so that all can be corrected at once (see Faults)."""

    def __init__(self, message: Message, rows: Sequence[BadRow]) -> None:
        super().__init__(message)
        self.rows = list(rows)


LONGEST_VALUE = 200  # a cell's value is quoted up to this length


class BadRow:
    """One fault of an import: where it is and why. `row` counts as a spreadsheet does; 0 means the sheet."""

    __slots__ = ("column", "reason", "row", "sheet", "value")

    def __init__(self, sheet: Label | str, row: int, column: Label | str, reason: Message, value: str = "") -> None:
        self.sheet = sheet
        self.row = row
        self.column = column
        self.reason = reason
        self.value = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"

    def __str__(self) -> str:
        place = ", ".join(
            str(part) for part in (self.sheet, f"row {self.row}" if self.row else "", self.column) if str(part)
        )
        return f"{place}: {self.reason}" + (f" [{self.value}]" if self.value else "")


MOST_TOLD = 1_000
TOLD_SINGLY = 100


class Faults:
    """The faults of an import as they are found: each is counted, and at most a thousand are kept.

    Of one kind (sheet, column, reason) the first hundred are listed one by one, all further ones together.
    """

    def __init__(self, faults: Iterable[BadRow] = (), *, most: int = MOST_TOLD, singly: int = TOLD_SINGLY) -> None:
        self._most, self._most_singly = most, singly
        self._count = 0
        self._of_kind: Counter[Kind] = Counter()
        self._singly: list[BadRow] = []
        self._further: dict[Kind, BadRow] = {}  # the first that isn't listed by itself
        self += faults

    def __len__(self) -> int:
        """How many there were."""
        return self._count

    def __iadd__(self, faults: Iterable[BadRow]) -> Faults:
        for fault in faults:
            self.append(fault)
        return self

    def append(self, fault: BadRow) -> None:
        """Count one more."""
        self._count += 1
        kind = (str(fault.sheet), str(fault.column), fault.reason.text)
        if kind not in self._of_kind and len(self._of_kind) == self._most:
            return
        self._of_kind[kind] += 1
        if self._of_kind[kind] <= self._most_singly and len(self._singly) < self._most:
            self._singly.append(fault)
        else:
            self._further.setdefault(kind, fault)

    def told(self) -> list[BadRow]:
        """What is listed: faults one by one, then a line for each kind that has more ('3,572 more rows …')."""
        further = list(self._further)
        singly = self._singly[: self._most - len(further)]
        shown = Counter((str(one.sheet), str(one.column), one.reason.text) for one in singly)
        return singly + [self._summary(kind, self._of_kind[kind] - shown[kind]) for kind in further]

    def _summary(self, kind: Kind, count: int) -> BadRow:
        first = self._further[kind]
        text = _l("%(n)s more rows, among them %(row)s: %(reason)s", n=f"{count:,}", row=first.row, reason=first.reason)
        return BadRow(first.sheet, 0, first.column, text)
