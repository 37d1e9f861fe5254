"""What is waiting for a second person of the bureau, and that person's decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rating.access import Actor, Role
from rating.accounts.changes import GIVEN, tell
from rating.accounts.models import VALID, AccessChange, ChangeDecision, ChangeKind, User
from rating.accounts.queries import is_a_round_running, list_grants_of_change, list_waiting_links, lock_changes
from rating.accounts.two_people import find_tie, hands_behind
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, NotFound, Refused
from rating.extensions import db
from rating.wording import Message, _l

# Whoever has these could be the second person of something.
SECOND_PEOPLE = frozenset({Role.BUREAU, Role.AUDITOR, Role.REVIEWER})
# Whoever has these speaks for a body or a company in a round.
VOICES = frozenset({Role.COMMUNITY, Role.COMMITTEE, Role.COMPANY})
LONGEST_REASON = 500


def must_wait(user: User, also: Role | None, actor: Actor, now: datetime) -> bool:
    """Whether what this actor gives somebody (a role, or a link) waits for a second person of the bureau.

    It does for whoever is or becomes one of the bureau, an auditor or a reviewer, and, while a round is open, closed or
    in preview, for whoever speaks for a body or a company. What the server's command line gives doesn't.
    """
    if actor.user_id is None:
        return False
    today = day_of(now)
    roles = {grant.role for grant in user.grants if not grant.is_over(today)} | ({also} if also else set())
    return bool(roles & SECOND_PEOPLE) or (bool(roles & VOICES) and is_a_round_running())


def confirm_changes(ids: Collection[int], actor: Actor, now: datetime) -> list[AccessChange]:
    """A second person of the bureau confirms what was given: all of these, or none.

    What was waiting works from now on (a link for its full time); what already worked counts as given by two. Raises
    Invalid for none, NotFound, Conflict for what is decided or needs no confirmation, Refused where the actor isn't a
    third person.
    """
    changes = _take(ids, actor)
    for change in changes:
        if (why := why_not_confirm(change, actor)) is not None:
            raise Refused(_l("%(name)s: %(why)s", name=change.user.name, why=why))
    for change in changes:
        _decide(change, ChangeDecision.CONFIRMED, "", actor, now)
        _let_link_work(change, now)
        if change.user_id != actor.user_id:
            tell(change, change.user_id)
    return changes


def refuse_changes(ids: Collection[int], reason: str, actor: Actor, now: datetime) -> list[AccessChange]:
    """Refuse what is waiting, with a reason: it will never work. Whoever gave it may take it back this way.

    Raises Invalid for none or without a reason, NotFound, Conflict for what isn't waiting.
    """
    changes = _take(ids, actor)
    reason = reason.strip()
    if not reason:
        raise Invalid(_l("Give a reason; it is recorded."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_l("At most 500 characters."), field="reason")
    if any(not change.waits for change in changes):
        raise Conflict(_l("Some of these work already: end the role, or make a new link, on the person's page."))
    for change in changes:
        _refuse(change, reason, actor, now)
        if change.kind is ChangeKind.LINKED:
            tell(change, change.user_id)
    return changes


def replace_waiting_links(user: User, actor: Actor, now: datetime) -> None:
    """Refuse the waiting links that a newer one replaces: nobody has to decide on them any more."""
    for change in list_waiting_links(user):
        _refuse(change, "", actor, now)


def _take(ids: Collection[int], actor: Actor) -> list[AccessChange]:
    actor.require(Role.BUREAU)
    if actor.user_id is None:
        raise Refused(_l("What was given is confirmed by people."))
    if not ids:
        raise Invalid(_l("Choose at least one."), field="change")
    changes = lock_changes(ids)
    if len(changes) != len(set(ids)) or any(change.kind not in GIVEN for change in changes):
        raise NotFound(_l("One of these no longer exists. Please look again."))
    if any(change.decision is not None or change.given_by is None for change in changes):
        raise Conflict(_l("Somebody has just decided on some of these. Please look again."))
    return changes


def why_not_confirm(change: AccessChange, actor: Actor) -> Message | None:
    """Why this actor can't be the third person for something that was given; None where they can.

    A third person is neither giver nor receiver, really isn't the giver, and wasn't let in by the receiver.
    """
    if actor.user_id is None or change.given_by is None:
        return _l("What was given is confirmed by people.")
    if actor.user_id == change.given_by:
        return _l("You gave this; another person of the bureau confirms it.")
    if actor.user_id == change.user_id:
        return _l("This is for you; another person of the bureau confirms it.")
    if find_tie(actor.user_id, [change.given_by]) is not None:
        return _l("You and whoever gave this don't count as two people; somebody else of the bureau confirms it.")
    if change.user_id in hands_behind([actor.user_id])[actor.user_id]:
        return _l("The person this is for let you in; somebody else of the bureau confirms it.")
    return None


def _decide(change: AccessChange, decision: ChangeDecision, reason: str, actor: Actor, now: datetime) -> None:
    change.decision, change.decided_by, change.decided_at, change.reason = decision, actor.user_id, now, reason
    db.session.flush()
    about = {"change": change.id, "of": change.kind.value, "given_by": change.given_by}
    if change.role is not None:
        about["role"] = change.role.value
    record(actor, f"access.{decision.value}", f"user:{change.user_id}", now, reason, **about)


def _refuse(change: AccessChange, reason: str, actor: Actor, now: datetime) -> None:
    _decide(change, ChangeDecision.REFUSED, reason, actor, now)
    for grant in list_grants_of_change(change):
        grant.ended_at = grant.ended_at or now


def _let_link_work(change: AccessChange, now: datetime) -> None:
    """A link that was waiting is valid as long as any other, from now."""
    invitation = change.user.invitation
    if change.waits and invitation is not None and invitation.change_id == change.id:
        invitation.expires_at = now + VALID
