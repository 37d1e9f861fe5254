"""Checking the register's sheets before anything is written: cells, duplicate rows, references, overlapping
contracts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from rating.errors import BadRow, Faults
from rating.extensions import db
from rating.registry.contracts import list_overlaps
from rating.registry.models import Community, Company, Contract, Estate, Subdistrict
from rating.registry.schemas import SHEET, SHEETS, SheetForm
from rating.wording import Message, _l
from rating.workbooks.cells import fold
from rating.workbooks.headings import NO_COLUMN, Columns, find_columns, headings_of, hidden_rows, listed
from rating.workbooks.reading import Row, Sheet, heading_key

_FORM_OF_NAME = {fold(name): form for form in SHEETS for name in (form.key, form.label.zh, form.label.en)}


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
        return {fold(self.columns.typed(checked.row, "code")).upper() for checked in self.rows}


@dataclass(frozen=True, slots=True)
class Known:
    """Codes and contracts of the register before the import."""

    codes: Mapping[str, frozenset[str]]
    parents: Mapping[str, str | None]
    estates: Mapping[str, tuple[str, str]]  # community's code and name
    contracts: Mapping[tuple[str, str, date], date | None]


def load_known() -> Known:
    """What the register contains, in a few small queries, however long the file is."""
    companies = {row.id: row for row in db.session.execute(select(Company.id, Company.code, Company.parent_id))}
    contracts = select(Estate.code, Company.code, Contract.starts_on, Contract.ends_on).select_from(Contract)
    return Known(
        codes={
            "subdistricts": frozenset(db.session.scalars(select(Subdistrict.code))),
            "communities": frozenset(db.session.scalars(select(Community.code))),
            "estates": frozenset(db.session.scalars(select(Estate.code))),
            "companies": frozenset(row.code for row in companies.values()),
        },
        estates={
            code: (community, name)
            for code, community, name in db.session.execute(
                select(Estate.code, Community.code, Estate.name).join(Estate.community)
            )
        },
        parents={row.code: companies[row.parent_id].code if row.parent_id else None for row in companies.values()},
        contracts={
            (estate, company, starts_on): ends_on
            for estate, company, starts_on, ends_on in db.session.execute(
                contracts.join(Contract.estate).join(Contract.company)
            )
        },
    )


def check_sheets(sheets: Sequence[Sheet]) -> tuple[dict[str, Part], Faults]:
    """The known sheets by key, in the order in which they refer to each other, and every fault of sheets and cells."""
    found, faults = _match_forms(sheets)
    parts = {}
    for form in SHEETS:
        if form.key in found:
            parts[form.key] = _check_cells(form, found[form.key], faults)
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


def _match_forms(sheets: Sequence[Sheet]) -> tuple[dict[str, Sheet], Faults]:
    faults = Faults()
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        form = _FORM_OF_NAME.get(fold(sheet.name)) or _form_by_headings(sheet)
        if form is None and sheet.is_hidden:
            continue  # lists that a workbook's cells choose from
        if form is None:
            names = listed(form.label for form in SHEETS)
            faults.append(
                BadRow(sheet.name, 0, NO_COLUMN, _l("There is no such sheet. Known are: %(names)s.", names=names))
            )
        elif form.key in found:
            faults.append(BadRow(sheet.name, 0, NO_COLUMN, _l("This sheet appears twice.")))
        elif sheet.is_hidden:
            faults.append(BadRow(sheet.name, 0, NO_COLUMN, _l("This sheet is hidden. Show it, or delete it.")))
        else:
            found[form.key] = sheet.headed(headings_of(form.labels))
    return found, faults


def _form_by_headings(sheet: Sheet) -> SheetForm | None:
    """The table that a sheet of another name is, told by its headings: all that must be there are."""

    def known_in(form: SheetForm) -> int:
        known = headings_of(form.labels)
        keys = {known.get(heading_key(heading)) for heading in sheet.headed(known).headings} - {None}
        required = {name for name in form.labels if form.is_required(name)}
        return len(keys) if required <= keys else 0

    counts = {form.key: known_in(form) for form in SHEETS}
    best = max(counts.values())
    fitting = [key for key, count in counts.items() if count == best > 0]
    return SHEET[fitting[0]] if len(fitting) == 1 else None


def _check_cells(form: SheetForm, sheet: Sheet, faults: Faults) -> Part:
    required = [name for name in form.labels if form.is_required(name)]
    columns, wrong = find_columns(sheet, form.label, form.labels, required if sheet.headings else ())
    faults += wrong
    faults += hidden_rows(sheet, form.label)
    part = Part(form, columns)
    if all(part.has(name) for name in required):
        faults += _load_rows(part, sheet)
    return part


def _load_rows(part: Part, sheet: Sheet) -> Iterator[BadRow]:
    first: dict[tuple[Any, ...], Row] = {}
    for row in sheet.rows:
        checked, faults = _load_row(part, row)
        part.rows.append(checked)
        yield from faults
        identity = checked.identity(part.form)
        if identity in first:
            reason = _l("Row %(row)s already says the same.", row=first[identity].number)
            yield part.bad(row, part.form.identity[0], reason)
        elif identity is not None:
            first[identity] = row


def _load_row(part: Part, row: Row) -> tuple[CheckedRow, list[BadRow]]:
    schema, cells = part.form.schema, part.columns.cells(row)
    try:
        return CheckedRow(row, schema.load(cells), True, frozenset(cells)), []
    except ValidationError as error:
        messages, good = _by_field(error), error.valid_data
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
        (community, bare_name(name)): code for code, (community, name) in known.estates.items() if code not in in_file
    }
    for checked in part.good_rows:
        place = checked.values["community"], bare_name(checked.values["name"])
        if codes.get(place, checked.values["code"]) != checked.values["code"]:
            yield part.bad(
                checked.row, "name", _l("Estate %(code)s of this community has that name.", code=codes[place])
            )
        codes.setdefault(place, checked.values["code"])


def bare_name(name: str) -> str:
    """A name for comparing: as it is seen, without brackets and blanks, widths and case aside."""
    return re.sub(r"[()\[\]{}《》「」“”\"'·.\-]", "", fold(name))


# ---- references


def _check_references(parts: Mapping[str, Part], known: Known) -> Iterator[BadRow]:
    for part in parts.values():
        for name, target in part.form.refers:
            there = parts.get(target)
            if there is not None and not there.has("code"):
                continue  # that sheet's own fault has been reported already
            codes = known.codes[target] | (there.codes() if there else set())
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
