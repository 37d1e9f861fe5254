"""Who changed what in the register, from what to what: from the event log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from rating.audit.models import Event
from rating.extensions import db
from rating.registry.models import Committee, Contract
from rating.registry.records import KIND_OF_NOUN, Kind, names_by_code, subject_of
from rating.wording import Label

YES, NO, NOTHING = Label("是", "yes"), Label("否", "no"), Label("（空）", "(empty)")


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; `before` is None where the record was new, `after` where it was deleted."""

    column: Label
    before: Label | str | None
    after: Label | str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a record's history, with what it changed."""

    event: Event
    changes: tuple[Change, ...]


def events_about(kind: Kind, entity: Any) -> Select[Event]:
    """A SELECT of a record's events, the latest first; an estate's include those of its contracts and committee."""
    return select(Event).where(Event.subject == subject_of(kind, entity)).order_by(Event.at.desc(), Event.number.desc())


def list_own_events(kind: Kind, entity: Any) -> list[Event]:
    """The events of one contract or committee among those of its estate, the latest first."""
    statement = events_about(kind, entity).where(Event.kind.startswith(f"{kind.noun}."))
    events = db.session.scalars(statement)
    if kind.model is Contract:
        return [event for event in events if event.data.get("contract") == entity.id]
    return list(events)


def is_within_estate(kind: Kind) -> bool:
    """Whether a record's events are found among its estate's."""
    return kind.model in {Contract, Committee}


def tell(events: Iterable[Event]) -> list[Entry]:
    """Events with their changes in words: columns by name, references by the names they have today."""
    kept = list(events)
    names = _names(kept)
    return [Entry(event, tuple(_changes(event, names))) for event in kept]


def _pairs(event: Event) -> Mapping[str, Any]:
    """Column → [before, after] of an event, whatever it was."""
    data = event.data
    if "changes" in data:
        return dict(data["changes"])
    if "values" not in data:
        return {}
    gone = event.kind.endswith(".deleted")
    return {name: [value, None] if gone else [None, value] for name, value in data["values"].items()}


def _kind(event: Event) -> Kind | None:
    return KIND_OF_NOUN.get(event.kind.partition(".")[0])


def _names(events: Iterable[Event]) -> dict[tuple[str, str], str]:
    codes: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if (kind := _kind(event)) is not None:
            for name, target in kind.sheet.refers:
                codes[target] |= {code for code in _pairs(event).get(name, ()) if code}
    return {(key, code): name for key, some in codes.items() for code, name in names_by_code(key, some).items()}


def _changes(event: Event, names: Mapping[tuple[str, str], str]) -> Iterator[Change]:
    if (kind := _kind(event)) is None:
        return
    targets = dict(kind.sheet.refers)
    added, gone = event.kind.endswith(".added"), event.kind.endswith(".deleted")
    for name, (before, after) in _pairs(event).items():
        if name in kind.sheet.schema.fields:
            said = [_said(value, targets.get(name), names) for value in (before, after)]
            yield Change(kind.sheet.column_label(name), None if added else said[0], None if gone else said[1])


def _said(value: Any, target: str | None, names: Mapping[tuple[str, str], str]) -> Label | str:
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "、".join(value)
    known = names.get((target, value)) if target else None
    return f"{known}（{value}）" if known else str(value)
