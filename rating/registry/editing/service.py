"""Changing one record of the register: every change is checked as an import is, guarded by a version, and logged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.registry.contracts import check_overlap, lock_estate
from rating.registry.models import Committee, Company, Contract, Estate
from rating.registry.records import (
    KINDS,
    Kind,
    count_references,
    plain,
    subject_of,
    undeletable,
    values_of,
    version_of,
    which_of,
)
from rating.wording import _l

LONGEST_REASON = 400


class StaleRecord(Conflict):
    """Somebody else changed the record after the form was opened; `values` are the current ones."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(
            _l(
                "Somebody else changed this after you opened the page. What you typed is kept; what is stored now is "
                "shown beside it. Save again to put yours in its place."
            )
        )
        self.values = values


def add_record(kind: Kind, values: Mapping[str, Any], actor: Actor, now: datetime) -> Any:
    """Add a record from values by column; raises Invalid where one refers to nothing, overlaps or exists already."""
    actor.require(Role.BUREAU)
    _refuse_double(kind, values)
    attributes = _attributes(kind, values)
    _check(kind, attributes, None)
    entity = kind.model(**attributes)
    db.session.add(entity)
    _flush()
    db.session.refresh(entity)
    filled = {name: plain(value) for name, value in values.items() if value not in (None, "", [])}
    record(actor, f"{kind.noun}.added", subject_of(kind, entity), now, values=filled, **which_of(kind, entity))
    return entity


def change_record(
    kind: Kind, entity: Any, values: Mapping[str, Any], version: str, actor: Actor, now: datetime, reason: str = ""
) -> dict[str, list[Any]]:
    """Change the values that differ; returns column → [before, after]. Raises StaleRecord for another version."""
    actor.require(Role.BUREAU)
    db.session.refresh(entity, with_for_update=True)
    before = values_of(kind, entity)
    if version_of(before) != version:
        raise StaleRecord(before)
    changes = {name: [before[name], value] for name, value in values.items() if before[name] != value}
    if not changes:
        return {}
    attributes = _attributes(kind, {name: new for name, (_old, new) in changes.items()})
    _check(kind, attributes, entity)
    for name, value in attributes.items():
        setattr(entity, name, value)
    _flush()
    db.session.refresh(entity)
    told = {name: [plain(old), plain(new)] for name, (old, new) in changes.items()}
    record(actor, f"{kind.noun}.changed", subject_of(kind, entity), now, reason, changes=told, **which_of(kind, entity))
    return changes


def delete_record(kind: Kind, entity: Any, actor: Actor, now: datetime) -> None:
    """Delete a record that nothing refers to; raises Conflict that names what does."""
    actor.require(Role.BUREAU)
    db.session.refresh(entity, with_for_update=True)
    if (why := undeletable(count_references(entity))) is not None:
        raise Conflict(why)
    values = {name: plain(value) for name, value in values_of(kind, entity).items()}
    subject, which = subject_of(kind, entity), which_of(kind, entity)
    db.session.delete(entity)
    _flush()
    record(actor, f"{kind.noun}.deleted", subject, now, values=values, **which)


def leave_estate_out(estate: Estate, reason: str, actor: Actor, now: datetime) -> None:
    """Mark an estate 不参评. The reason is public; raises Invalid without one. An open round keeps its roster."""
    actor.require(Role.BUREAU)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid(_l("Say why this estate isn't rated; the reason is public."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_l("This is longer than %(n)s characters.", n=LONGEST_REASON), field="reason")
    _set_not_rated(estate, reason, "estate.left_out", actor, now)


def take_estate_back(estate: Estate, actor: Actor, now: datetime) -> None:
    """Let a 不参评 estate be rated again, from the next round that opens."""
    actor.require(Role.BUREAU)
    _set_not_rated(estate, "", "estate.taken_back", actor, now)


def _set_not_rated(estate: Estate, reason: str, kind: str, actor: Actor, now: datetime) -> None:
    db.session.refresh(estate, with_for_update=True)
    before = estate.not_rated_reason
    if before == reason:
        return
    estate.not_rated_reason = reason
    db.session.flush()
    record(actor, kind, f"estate:{estate.code}", now, reason, changes={"not_rated_reason": [before, reason]})


# ---- what is checked


def _refuse_double(kind: Kind, values: Mapping[str, Any]) -> None:
    """A code, or an estate's committee, exists once. Two equal contracts overlap anyway."""
    if kind.model is Contract:
        return
    name = kind.sheet.identity[0]
    by_estate = select(Committee.id).join(Committee.estate).where(Estate.code == values[name])
    statement = by_estate if kind.model is Committee else select(kind.model.id).where(kind.model.code == values[name])
    if db.session.scalar(statement) is not None:
        raise Invalid(_l("The register already has %(code)s.", code=values[name]), field=name)


def _attributes(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the model stores them: references as ids."""
    targets = dict(kind.sheet.refers)
    attributes = {}
    for name, value in values.items():
        if name in targets:
            attributes[f"{name}_id"] = _id_of(KINDS[targets[name]], name, value) if value else None
        else:
            attributes[name] = value
    return attributes


def _id_of(target: Kind, name: str, code: str) -> int:
    found = db.session.scalar(select(target.model.id).where(target.model.code == code))
    if found is None:
        raise Invalid(_l("The register has no such %(kind)s: %(code)s.", kind=target.name, code=code), field=name)
    return int(found)


def _check(kind: Kind, attributes: Mapping[str, Any], entity: Any) -> None:
    """The rules that need the rest of the register: branches that lead back, contracts that overlap."""
    if kind.model is Company and entity is not None and attributes.get("parent_id"):
        _check_parent(entity, attributes["parent_id"])
    if kind.model is Contract:
        names = ("estate_id", "starts_on", "ends_on")
        estate_id, starts_on, ends_on = (attributes.get(n, getattr(entity, n, None)) for n in names)
        lock_estate(estate_id)
        check_overlap(estate_id, starts_on, ends_on, entity.id if entity else None)


def _check_parent(company: Company, parent_id: int) -> None:
    parents = {row.id: row.parent_id for row in db.session.execute(select(Company.id, Company.parent_id))}
    above: int | None = parent_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == company.id:
            raise Invalid(_l("A company can't be its own parent, by any way round."), field="parent")
        seen.add(above)
        above = parents.get(above)


def _flush() -> None:
    """Write to the database; what it refuses after all our checks comes from somebody else's change at the same
    moment.
    """
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Conflict(_l("Somebody else changed the register at the same moment. Please try again.")) from error
