"""One record of the register at a time: finding it, its values as the sheets name them, and what refers to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.registry.schemas import SHEET, SheetForm
from rating.storage.engines import referring_columns
from rating.wording import Label, Message, _l


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: the key of its sheet, the noun that its events begin with, and what one is called."""

    key: str
    noun: str
    model: type[Any]
    name: Label

    @property
    def sheet(self) -> SheetForm:
        """The sheet that says which values such a record has, and what each may be."""
        return SHEET[self.key]


KINDS = {
    kind.key: kind
    for kind in (
        Kind("subdistricts", "subdistrict", Subdistrict, Label("街道", "Sub-district")),
        Kind("communities", "community", Community, Label("社区", "Community")),
        Kind("estates", "estate", Estate, Label("小区", "Estate")),
        Kind("companies", "company", Company, Label("企业", "Company")),
        Kind("contracts", "contract", Contract, Label("合同", "Contract")),
        Kind("committees", "committee", Committee, Label("物管会", "Committee")),
    )
}
KIND_OF_NOUN = {kind.noun: kind for kind in KINDS.values()}

# What may refer to a record, by table; rooms that come later are known here by their tables' names alone.
REFERRING = {
    "community": Label("社区", "communities"),
    "estate": Label("小区", "estates"),
    "company": Label("下级企业", "branches"),
    "contract": Label("合同", "contracts"),
    "committee": Label("物管会", "committees"),
    "user_grant": Label("账号授权", "grants of accounts"),
    "rated_estate": Label("评价期参评记录", "entries in rounds"),
    "listing": Label("已公布的评价结论", "published results"),
    "adjustment": Label("加减分项", "adjustments"),
    "commitment": Label("整改事项", "commitments"),
    "receipt_list": Label("公告的计入清单", "receipt lists of releases"),
}
OTHER = Label("其他记录", "other records")


def get_record(kind: Kind, code: str) -> Any:
    """A record by its code: an estate's for its committee, a number for a contract; raises NotFound."""
    found: Any
    if kind.model is Contract:
        found = db.session.get(Contract, int(code)) if code.isascii() and code.isdecimal() and len(code) < 10 else None
    elif kind.model is Committee:
        found = db.session.scalar(select(Committee).join(Committee.estate).where(Estate.code == code.upper()))
    else:
        found = db.session.scalar(select(kind.model).where(kind.model.code == code.upper()))
    if found is None:
        raise NotFound(_l("The register has no such %(kind)s: %(code)s.", kind=kind.name, code=code))
    return found


def code_of(kind: Kind, entity: Any) -> str:
    """This record's identifier in an address."""
    if kind.model is Contract:
        return str(entity.id)
    return str(entity.estate.code if kind.model is Committee else entity.code)


def name_of(kind: Kind, entity: Any) -> str:
    """What a person would call it."""
    return f"{entity.company.name} · {entity.estate.name}" if kind.model is Contract else str(entity.name)


def subject_of(kind: Kind, entity: Any) -> str:
    """Whom its events are about; a contract's and a committee's are about their estate."""
    if kind.model in {Contract, Committee}:
        return f"estate:{entity.estate.code}"
    return f"{kind.noun}:{entity.code}"


def which_of(kind: Kind, entity: Any) -> dict[str, Any]:
    """Which of an estate's contracts an event is about."""
    return {"contract": entity.id, "company": entity.company.code} if kind.model is Contract else {}


def values_of(kind: Kind, entity: Any) -> dict[str, Any]:
    """A record's values by the names of its sheet's columns; references are codes."""
    targets = dict(kind.sheet.refers)
    values = {}
    for name in kind.sheet.schema.fields:
        value = getattr(entity, name)
        values[name] = value.code if name in targets and value is not None else value
    return values


def plain(value: object) -> object:
    """A value as the event log stores it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def version_of(values: Mapping[str, Any]) -> str:
    """A short digest of a record's values, by which a form detects changes since it was opened."""
    text = json.dumps({name: plain(value) for name, value in values.items()}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def count_references(entity: Any) -> list[tuple[Label, int]]:
    """What refers to a record, anywhere in the database, and how often; empty if nothing does."""
    found = []
    for column in referring_columns(entity.__table__):
        other = column.table
        count = db.session.scalar(select(func.count()).select_from(other).where(column == entity.id)) or 0
        if count:
            found.append((REFERRING.get(other.name, OTHER), count))
    return found


def undeletable(references: Sequence[tuple[Label, int]]) -> Message | None:
    """Why a record can't be deleted, in words; None if nothing refers to it."""
    if not references:
        return None
    listed = Label(
        "、".join(f"{label.zh}{count}条" for label, count in references),
        ", ".join(f"{label.en}: {count}" for label, count in references),
    )
    return _l("This can't be deleted, because there is more that belongs to it: %(what)s.", what=listed)


def names_by_code(key: str, codes: Iterable[str]) -> dict[str, str]:
    """The names of places or companies by code, of those that the register (still) has."""
    model = KINDS[key].model
    rows = db.session.execute(select(model.code, model.name).where(model.code.in_(sorted(codes))))
    return {row[0]: row[1] for row in rows}
