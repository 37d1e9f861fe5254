"""Importing the register: everything is checked and reported at once, and then all of it is written, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import DataError, IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.errors import BadRows, Conflict, Faults, Invalid
from rating.extensions import db
from rating.registry.imports.checking import CheckedRow, Part, check_against_register, check_sheets
from rating.registry.imports.known import load_known
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.registry.records import KINDS, plain, subject_of, values_of, which_of
from rating.registry.schemas import SheetForm
from rating.wording import Label, _l
from rating.workbooks.reading import Sheet

MODELS: dict[str, type[Any]] = {
    "subdistricts": Subdistrict,
    "communities": Community,
    "estates": Estate,
    "companies": Company,
    "contracts": Contract,
    "committees": Committee,
}


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """What an import did to one sheet's records."""

    label: Label
    added: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did, sheet by sheet; `new_codes` are those given to rows that had none."""

    sheets: tuple[SheetSummary, ...]
    new_codes: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        """Records that are new."""
        return sum(sheet.added for sheet in self.sheets)

    @property
    def updated(self) -> int:
        """Records that were there and have changed."""
        return sum(sheet.updated for sheet in self.sheets)

    @property
    def unchanged(self) -> int:
        """Records that were there and are as they were."""
        return sum(sheet.unchanged for sheet in self.sheets)


def import_register(sheets: Sequence[Sheet], actor: Actor, now: datetime) -> ImportSummary:
    """Import sub-districts, communities, estates, companies, contracts and committees from sheets.

    What exists already (by code; a contract by estate, company and first day; a committee by estate) is updated, the
    rest is added, nothing is removed. An empty cell, or a column that a sheet leaves out, leaves what stands; a sign
    for 'none' (无, -, /) clears it. In a new row all of them mean none.
    Raises BadRows with every fault, Invalid if there is nothing to import.
    """
    actor.require(Role.BUREAU)
    known = load_known()
    parts, faults = check_sheets(sheets, known)
    if not faults and not any(part.rows for part in parts.values()):
        raise Invalid(_l("There is nothing to import: below the headings every sheet is empty."), field="files")
    faults += check_against_register(parts, known)
    if faults:
        raise refusal(faults)
    summary = _take(parts, actor, now)
    counts = {sheet.label.en: [sheet.added, sheet.updated] for sheet in summary.sheets}
    record(actor, "register.imported", "register", now, added_and_updated=counts)
    return summary


def refusal(faults: Faults) -> BadRows:
    """The refusal of an import, with its faults."""
    return BadRows(_l("Nothing was imported. Faults to correct first: %(n)s.", n=len(faults)), faults.told())


def _take(parts: Mapping[str, Part], actor: Actor, now: datetime) -> ImportSummary:
    """Write all rows. What the database itself refuses becomes a message, and nothing is kept."""
    try:
        with db.session.begin_nested():
            done = tuple(_take_part(part, actor, now) for part in parts.values() if part.rows)
            return ImportSummary(done, tuple(code for part in parts.values() for code in part.new_codes))
    except (IntegrityError, DataError) as error:
        raise Conflict(
            _l("Nothing was imported: somebody changed the register at the same moment. Try again.")
        ) from error


def _take_part(part: Part, actor: Actor, now: datetime) -> SheetSummary:
    model = MODELS[part.form.key]
    ids = {target: _ids(target) for _, target in part.form.refers}
    names = [_attribute(part.form, name) for name in part.form.identity]
    known = {tuple(getattr(entity, name) for name in names): entity for entity in db.session.scalars(select(model))}
    changed: set[Any] = set()
    new: list[dict[str, Any]] = []
    for checked in part.rows:
        values = _stored(part.form, checked, ids)
        entity = known.get(tuple(values[name] for name in names))
        if entity is None:
            new.append(values)
            continue
        _record_changes(part.form, checked, entity, actor, now)
        if _update(entity, {k: v for k, v in values.items() if k.removesuffix("_id") in checked.given}):
            changed.add(entity)
    db.session.flush()
    if new:
        db.session.execute(insert(model), new)
    if part.form.key == "companies" and part.has("parent"):
        changed |= _take_parents(part) & set(known.values())
    return SheetSummary(part.form.label, len(new), len(changed), len(part.rows) - len(new) - len(changed))


def _record_changes(form: SheetForm, checked: CheckedRow, entity: Any, actor: Actor, now: datetime) -> None:
    """Log what the import is about to change in one record, so that its history is complete."""
    kind = KINDS[form.key]
    before = values_of(kind, entity)
    changes = {
        name: [plain(before[name]), plain(value)]
        for name, value in checked.values.items()
        if name in checked.given and before[name] != value
    }
    if changes:
        subject, which = subject_of(kind, entity), which_of(kind, entity)
        record(actor, f"{kind.noun}.changed", subject, now, changes=changes, by_import=True, **which)


def _ids(target: str) -> dict[str, int]:
    model = MODELS[target]
    return {row[0]: row[1] for row in db.session.execute(select(model.code, model.id))}


def _attribute(form: SheetForm, name: str) -> str:
    return f"{name}_id" if name in dict(form.refers) else name


def _stored(form: SheetForm, checked: CheckedRow, ids: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """A row's values as the model stores them; a company's parent follows once all companies exist."""
    targets = dict(form.refers)
    return {
        _attribute(form, name): ids[targets[name]][value] if name in targets else value
        for name, value in checked.values.items()
        if name != "parent"
    }


def _update(entity: Any, values: Mapping[str, Any]) -> bool:
    """Set what differs; returns whether anything did."""
    different = {name: value for name, value in values.items() if getattr(entity, name) != value}
    for name, value in different.items():
        setattr(entity, name, value)
    return bool(different)


def _take_parents(part: Part) -> set[Any]:
    """Set the parents of all companies of the sheet, once every company exists; returns those changed."""
    companies = {company.code: company for company in db.session.scalars(select(Company))}
    changed = set()
    for checked in part.rows:
        if "parent" not in checked.given:
            continue
        company, parent = companies[checked.values["code"]], checked.values["parent"]
        if _update(company, {"parent_id": companies[parent].id if parent else None}):
            changed.add(company)
    db.session.flush()
    return changed
