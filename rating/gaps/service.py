"""Checking a wide gap: the estate's sub-district looks into it before the scorecard is frozen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.accounts.queries import list_staffed_subdistricts
from rating.accounts.two_people import require_two_people
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.gaps.models import LONGEST_NOTE, Checker, GapCheck, GapFinding
from rating.gaps.queries import get_wide_gap, list_unchecked_gaps
from rating.results.models import StoredScorecard
from rating.rounds.models import RatedEstate, RoundState
from rating.rounds.service import lock_round
from rating.scoring import Direction
from rating.wording import _l

NAMED = 5  # estates that a refusal names


def check_gap(rated_estate: RatedEstate, finding: GapFinding, note: str, actor: Actor, now: datetime) -> GapCheck:
    """Record what was found about an estate's wide gap, once and finally. It changes no score.

    Raises Refused for anybody who may not check it, NotFound where there is no wide gap, Conflict once it is checked or
    the round isn't closed or is beyond it, Invalid without a note or for one that is too long.
    """
    checked_as = checker_of(actor, rated_estate, now)
    note = _check_note(note)
    lock_round(rated_estate.round)
    if rated_estate.round.state is not RoundState.CLOSED:
        raise Conflict(_l("Gaps are checked between the close of a round and its preview."))
    gap = get_wide_gap(rated_estate)
    check = GapCheck(
        rated_estate_id=rated_estate.id,
        residents=gap.residents,
        on_site=gap.on_site,
        finding=finding,
        note=note,
        checked_as=checked_as,
        checked_by=actor.user_id,
        checked_at=now,
    )
    if gap.check is not None:
        raise _already_checked()
    try:
        with db.session.begin_nested():
            db.session.add(check)
    except IntegrityError as error:
        raise _already_checked() from error
    about = {"finding": finding.value, "checked_as": checked_as.value, "gap": str(gap.gap)}
    record(actor, "gap.checked", f"rated_estate:{rated_estate.id}", now, note, **about)
    return check


def _already_checked() -> Conflict:
    return Conflict(_l("This gap has been checked already. That is final."))


def _check_note(note: str) -> str:
    note = note.strip()
    if not note:
        raise Invalid(_l("Write what was looked into and what came of it."), field="note")
    if len(note) > LONGEST_NOTE:
        raise Invalid(_l("Please keep it within %(n)s characters.", n=LONGEST_NOTE), field="note")
    return note


def checker_of(actor: Actor, rated_estate: RatedEstate, now: datetime) -> Checker:
    """On whose behalf an actor checks an estate's gap: its sub-district's, or the bureau's where that has nobody.

    Raises Refused for anybody else, and for whoever isn't another person than all who entered its on-site sheets.
    """
    subdistrict_id = rated_estate.community.subdistrict_id
    if actor.user_id is None:
        raise Refused(_l("A gap is checked by people."))
    entered = _l("You entered a score sheet of this estate. Somebody else checks it.")
    require_two_people(actor.user_id, _list_enterers(rated_estate), entered, day_of(now))
    if subdistrict_id in actor.scope_ids(Role.SUBDISTRICT):
        return Checker.SUBDISTRICT
    actor.require(Role.BUREAU)
    if subdistrict_id in list_staffed_subdistricts(day_of(now)):
        raise Refused(_l("The estate’s sub-district has people who check this. The bureau steps in only where not."))
    return Checker.BUREAU


def _list_enterers(rated_estate: RatedEstate) -> list[int]:
    entered = select(Evaluation.entered_by).where(
        Evaluation.rated_estate_id == rated_estate.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY
    )
    return [user_id for user_id in db.session.scalars(entered.distinct()) if user_id is not None]


def require_checked(stored: StoredScorecard) -> None:
    """Raise Conflict, naming estates, while a wide gap of this scorecard isn't checked."""
    names = [gap.estate.name for gap in list_unchecked_gaps(stored)]
    if not names:
        return
    raise Conflict(
        _l(
            "Residents and on site differ by more than %(points)s points on %(n)s estates that nobody has checked yet: "
            "%(estates)s. Their sub-district checks them first, the bureau where it has nobody.",
            points=stored.round.rulebook.content.gaps.gap_points,
            n=len(names),
            estates=", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else ""),
        )
    )
