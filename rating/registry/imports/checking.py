"""Checking the register's sheets before anything is written: cells, duplicate rows, references, overlapping
contracts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError

from rating.errors import BadRow, Faults
from rating.registry.contracts import list_overlaps
from rating.registry.imports.known import Known, bare_name
from rating.registry.imports.matching import match_forms
from rating.registry.imports.naming import WITHIN, Names
from rating.registry.schemas import SHEET, SHEETS, SheetForm
from rating.wording import Message, _l
from rating.workbooks.cells import fold
from rating.workbooks.headings import NO_COLUMN, Columns, find_columns, hidden_rows
from rating.workbooks.reading import Row, Sheet


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row of a sheet with what its cells mean; `values` is complete unless the row has a fault."""

    row: Row
    values: dict[str, Any]
    is_good: bool
    given: frozenset[str] = frozenset()  # the columns that aren't left empty in it

    def identity(self, form: SheetForm) -> tuple[Any, ...] | None:
        """What identifies this row; None where a part of that has a fault."""
        identity = tuple(self.values.get(name) for name in form.identity)
        return None if None in identity else identity


@dataclass(slots=True)
class Part:
    """One sheet of the file: its columns and its rows."""

    form: SheetForm
    columns: Columns
    rows: list[CheckedRow] = field(default_factory=list)
    new_codes: tuple[str, ...] = ()  # given to rows that had none

    @property
    def good_rows(self) -> list[CheckedRow]:
        """The rows without a fault of their own."""
        return [row for row in self.rows if row.is_good]

    def has(self, name: str) -> bool:
        """Whether the sheet has this column."""
        return name in self.columns.places

    def bad(self, row: Row, column: str, reason: Message) -> BadRow:
        """A fault of one cell."""
        return BadRow(
            self.form.label, row.number, self.form.column_label(column), reason, self.columns.typed(row, column)
        )

    def codes(self) -> set[str]:
        """The codes that the sheet mentions, those of rows with faults among them."""
        typed = {fold(self.columns.typed(checked.row, "code")).upper() for checked in self.rows}
        return typed | {checked.values["code"] for checked in self.rows if "code" in checked.values}


def check_sheets(sheets: Sequence[Sheet], known: Known) -> tuple[dict[str, Part], Faults]:
    """The known sheets by key, in the order in which they refer to each other, and every fault of sheets and cells."""
    names = Names(known)
    found, faults = match_forms(sheets)
    parts = {}
    for form in SHEETS:
        if form.key in found:
            parts[form.key] = _check_cells(form, found[form.key], names, faults)
    return parts, faults


def check_against_register(parts: Mapping[str, Part], known: Known) -> Iterator[BadRow]:
    """Every dangling reference, estate named like another of its community, company that is its own parent, and
    contract that overlaps another.
    """
    yield from _check_references(parts, known)
    if "estates" in parts:
        yield from _check_names(parts["estates"], known)
    if "companies" in parts:
        yield from _check_parents(parts["companies"], known)
    if "contracts" in parts:
        yield from _check_overlaps(parts["contracts"], known)


# ---- sheets and cells


def _check_cells(form: SheetForm, sheet: Sheet, names: Names, faults: Faults) -> Part:
    required = [name for name in form.labels if form.needs_column(name)]
    columns, wrong = find_columns(sheet, form.label, form.labels, required if sheet.headings else ())
    faults += wrong
    faults += hidden_rows(sheet, form.label)
    part = Part(form, columns)
    if all(part.has(name) for name in required):
        faults += _load_rows(part, sheet, names)
    return part


def _load_rows(part: Part, sheet: Sheet, names: Names) -> Iterator[BadRow]:
    first: dict[tuple[Any, ...], Row] = {}
    found = [(row, part.columns.cells(row)) for row in sheet.rows]
    given = names.name_rows(part.form, [cells for _, cells in found])
    part.new_codes = tuple(given.values())
    for place, (row, cells) in enumerate(found):
        checked, faults = _load_row(part, row, names.with_codes(part.form, cells, given.get(place)))
        part.rows.append(checked)
        yield from faults
        identity = checked.identity(part.form)
        if identity in first:
            reason = _l("Row %(row)s already says the same.", row=first[identity].number)
            yield part.bad(row, part.form.identity[0], reason)
        elif identity is not None:
            first[identity] = row


def _load_row(part: Part, row: Row, cells: Mapping[str, Any]) -> tuple[CheckedRow, list[BadRow]]:
    schema = part.form.schema
    try:
        return CheckedRow(row, schema.load(cells), True, frozenset(cells)), []
    except ValidationError as error:
        messages, good = _by_field(error), error.valid_data
    if "code" not in cells and messages.keys() & {"name", WITHIN.get(part.form.key)}:
        messages.pop("code", None)  # it would have been known by its name and place
    faults = [part.bad(row, name, reason) for name in schema.fields for reason in messages.get(name, ())]
    return CheckedRow(row, good if isinstance(good, dict) else {}, False, frozenset(cells)), faults


def _by_field(error: ValidationError) -> dict[str, list[Message]]:
    """Marshmallow's messages of one row: lists by field."""
    messages = error.messages
    return messages if isinstance(messages, dict) else {}


# ---- names


def _check_names(part: Part, known: Known) -> Iterator[BadRow]:
    """Two estates of a community don't bear one name, brackets, blanks and widths aside."""
    in_file = {checked.values.get("code") for checked in part.rows}
    codes = {
        (one.within, bare_name(one.name)): one.code
        for one in known.entries["estates"].values()
        if one.code not in in_file
    }
    for checked in part.good_rows:
        place = checked.values["community"], bare_name(checked.values["name"])
        if codes.get(place, checked.values["code"]) != checked.values["code"]:
            yield part.bad(
                checked.row, "name", _l("Estate %(code)s of this community has that name.", code=codes[place])
            )
        codes.setdefault(place, checked.values["code"])


# ---- references


def _check_references(parts: Mapping[str, Part], known: Known) -> Iterator[BadRow]:
    for part in parts.values():
        for name, target in part.form.refers:
            there = parts.get(target)
            if there is not None and not there.rows:
                continue  # that sheet's own fault has been reported already
            codes = known.entries[target].keys() | (there.codes() if there else set())
            dangling = [row for row in part.rows if (row.values.get(name) or None) not in {None, *codes}]
            if dangling and not codes:
                yield _missing_sheet(SHEET[target], part.form)
            else:
                yield from (part.bad(checked.row, name, _nowhere(SHEET[target])) for checked in dangling)


def _missing_sheet(target: SheetForm, wanted_by: SheetForm) -> BadRow:
    reason = _l(
        "This sheet is missing or empty, and the register has none of these yet; sheet “%(sheet)s” refers to them.",
        sheet=wanted_by.label,
    )
    return BadRow(target.label, 0, NO_COLUMN, reason)


def _nowhere(target: SheetForm) -> Message:
    return _l("This code is neither in sheet “%(sheet)s” nor in the register.", sheet=target.label)


def _check_parents(part: Part, known: Known) -> Iterator[BadRow]:
    """A branch's parents must not lead back to it."""
    in_file = {row.values.get("code"): row.values.get("parent") for row in part.rows if "parent" in row.given}
    parents: dict[Any, Any] = {**known.parents, **in_file}
    for checked in part.good_rows:
        code = checked.values["code"]
        seen, above = {code}, parents.get(code)
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == code:
            yield part.bad(checked.row, "parent", _l("A company can't be its own parent, by any way round."))


# ---- contracts


@dataclass(frozen=True, slots=True)
class _Term:
    starts_on: date
    ends_on: date | None
    company: str
    row: Row | None = None


def _check_overlaps(part: Part, known: Known) -> Iterator[BadRow]:
    """An estate is served by one company on a day: contracts of the file and of the register, side by side."""
    in_file = {row.identity(part.form): row for row in part.good_rows}
    terms: dict[str, list[_Term]] = defaultdict(list)
    for (estate, company, starts_on), ends_on in known.contracts.items():
        if (estate, company, starts_on) not in in_file:
            terms[estate].append(_Term(starts_on, ends_on, company))
    for checked in in_file.values():
        terms[checked.values["estate"]].append(_term(checked, known))
    for estate in dict.fromkeys(checked.values["estate"] for checked in in_file.values()):
        yield from _overlaps_of(part, sorted(terms[estate], key=lambda term: (term.starts_on, term.company)))


def _term(checked: CheckedRow, known: Known) -> _Term:
    values = checked.values
    before = known.contracts.get((values["estate"], values["company"], values["starts_on"]))
    ends_on = values["ends_on"] if "ends_on" in checked.given else before
    return _Term(values["starts_on"], ends_on, values["company"], checked.row)


def _overlaps_of(part: Part, terms: Iterable[_Term]) -> Iterator[BadRow]:
    for longest, term in list_overlaps(terms):
        if term.row is not None:
            yield part.bad(term.row, "starts_on", _overlap(longest))
        elif longest.row is not None:
            yield part.bad(longest.row, "ends_on", _overlap(term))


def _overlap(other: _Term) -> Message:
    values = {"company": other.company, "starts_on": other.starts_on, "ends_on": other.ends_on or "…"}
    if other.row is not None:
        return _l(
            "An estate has one company on a day; this overlaps row %(row)s (%(company)s, %(starts_on)s to "
            "%(ends_on)s).",
            row=other.row.number,
            **values,
        )
    return _l(
        "An estate has one company on a day; this overlaps a contract in the register (%(company)s, %(starts_on)s to "
        "%(ends_on)s). If that one ends earlier, give it a row with its last day.",
        **values,
    )
