"""Opening a round from its checklist, which is stored with it as it was then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from rating.access import Actor, Role
from rating.audit.models import Event
from rating.audit.service import record
from rating.checklist.checks import check_draft
from rating.checklist.queries import Check, Item, Said
from rating.errors import Invalid
from rating.extensions import db
from rating.rounds.models import Round
from rating.rounds.service import Roster, open_round
from rating.server.site import Site
from rating.wording import Label, Message, _l

KIND = "round.checked"


def open_checked_round(round_: Round, reason: str, today: date, actor: Actor, now: datetime, site: Site) -> Roster:
    """Open a round and keep its checklist. Raises Invalid where points must be fixed and no reason is given.

    Where the site's settings are wrong for a round no reason helps: Conflict.
    """
    actor.require(Role.BUREAU)
    site.require_fit()
    checks = check_draft(round_, today, site)
    open_points = sum(1 for one in checks if one.must and one.items)
    reason = reason.strip()
    if open_points and not reason:
        raise Invalid(
            _l(
                "Points that must be fixed first: %(n)s. To open the round anyway, say why; the reason is recorded.",
                n=open_points,
            ),
            field="reason",
        )
    opened = open_round(round_, actor, now)
    record(actor, KIND, f"round:{round_.number}", now, reason, checks=[_frozen(one) for one in checks])
    return opened


def find_checklist(round_: Round) -> tuple[Event, list[Check]] | None:
    """The checklist as it was when the round was opened, if it was opened from there."""
    event = db.session.scalar(
        select(Event).where(Event.kind == KIND, Event.subject == f"round:{round_.number}").order_by(Event.number.desc())
    )
    return None if event is None else (event, [_thawed(one) for one in event.data["checks"]])


def sort_checks(checks: Sequence[Check]) -> tuple[list[Check], list[Check], list[Check]]:
    """What must be fixed, what is worth considering, and what is in order."""
    return (
        [one for one in checks if one.must and one.items],
        [one for one in checks if not one.must and one.items],
        [one for one in checks if not one.items],
    )


def _frozen(check: Check) -> dict[str, Any]:
    items = [{"name": _plain(one.name), "detail": _plain(one.detail)} for one in check.items]
    return {"key": check.key, "must": check.must, "items": items}


def _thawed(kept: dict[str, Any]) -> Check:
    items = tuple(Item(_said(one["name"]), _said(one["detail"])) for one in kept["items"])
    return Check(kept["key"], kept["must"], items)


def _plain(said: Said) -> Any:
    """A sentence or a name as the event log stores it, so that it can be shown in either language."""
    if isinstance(said, Label):
        return {"zh": said.zh, "en": said.en}
    if isinstance(said, Message):
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.values.items()}
        return {"text": said.text, "values": values}
    return said


def _said(kept: Any) -> Said:
    if not isinstance(kept, dict):
        return str(kept)
    return Message(kept["text"], kept["values"]) if "text" in kept else Label(kept["zh"], kept["en"])
