"""What is promised in a talk, until when, and who may find that it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rating.access import Actor, Role
from rating.accounts.two_people import require_two_people
from rating.cases.models import Commitment, CommitmentKind, Party, Talk, TalkState
from rating.cases.queries import list_rated_estates_of
from rating.cases.talk_rules import name_nobody, require_scope, windows_of
from rating.errors import Conflict, Invalid, Refused
from rating.registry.models import Estate
from rating.releases.models import Listing
from rating.rulebooks.content import Windows
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """整改事项 as it was agreed. Without days: made on the day of the talk, due on the last day of its kind."""

    party: Party
    owner_post: str
    kind: CommitmentKind
    problem: str
    measure: str
    estate: Estate | None = None
    indicator: str = ""
    interim: str = ""
    handed_over_to: str = ""
    handed_over_number: str = ""
    made_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a re-inspection found, by whom (a post), and whether it is done."""

    inspected_on: date
    inspector_post: str
    passed: bool
    findings: str


def longest_days(kind: CommitmentKind, windows: Windows) -> int:
    """How many days a commitment of this kind may take at most."""
    return {
        CommitmentKind.URGENT: windows.urgent_days,
        CommitmentKind.HAZARDOUS: windows.hazardous_days,
        CommitmentKind.ORDINARY: windows.ordinary_days,
        CommitmentKind.FUND: windows.fund_days,
    }[kind]


def earliest_reinspection(commitment: Commitment) -> date:
    """The first day for a re-inspection, counted from the report that it is done, without one from the promise.

    What is urgent or dangerous is re-inspected the next day (24 to 48 hours); everything else has to last a week first.
    """
    since = commitment.done_on or commitment.made_on
    windows = windows_of(commitment.talk.listing)
    soon = commitment.kind in {CommitmentKind.URGENT, CommitmentKind.HAZARDOUS}
    return since + timedelta(days=1 if soon else windows.reinspection_days)


def find_wait(commitment: Commitment, day: date) -> date | None:
    """The first day for a re-inspection where it comes after this one; None where it can be today."""
    earliest = earliest_reinspection(commitment)
    return earliest if day < earliest else None


def find_part(commitment: Commitment, actor: Actor, day: date) -> Message | None:
    """Why an actor isn't uninvolved, and who could re-inspect instead; None for whoever is.

    They are involved who had a hand in the talk or in this commitment, or who rate on one of its sides, and whoever
    isn't really another person than those who had a hand in it.
    """
    same = _l("A re-inspection is done by someone who took no part in the talk, the commitment or the rating.")
    if actor.user_id is None or _rates(commitment, actor):
        return same
    hands = (commitment.talk.notified_by, commitment.talk.recorded_by, commitment.recorded_by, commitment.reported_by)
    try:
        require_two_people(actor.user_id, [one for one in hands if one is not None], same, day)
    except Refused as error:
        return error.message
    return None


def _rates(commitment: Commitment, actor: Actor) -> bool:
    """Whether the actor belongs to one of the sides that rate each other."""
    if commitment.talk.listing.company_id in actor.scope_ids(Role.COMPANY):
        return True
    if (estate := commitment.estate) is None:
        return False
    return estate.id in actor.scope_ids(Role.COMMITTEE) or estate.community_id in actor.scope_ids(Role.COMMUNITY)


def require_uninvolved(commitment: Commitment, actor: Actor, day: date) -> int:
    """The id of the actor, who took no part; raises Refused, with why and who could instead."""
    why = find_part(commitment, actor, day)
    if why is not None or actor.user_id is None:
        raise Refused(why or _l("A re-inspection is recorded by people."))
    return actor.user_id


def check_finding(commitment: Commitment, finding: Finding, today: date) -> None:
    """Raise Invalid for a re-inspection that is too early, in the future or without findings."""
    if finding.inspected_on > today:
        raise Invalid(_l("This day has not come yet."), field="inspected_on")
    if (earliest := find_wait(commitment, finding.inspected_on)) is not None:
        raise Invalid(_l("A re-inspection can be on %(day)s at the earliest.", day=earliest), field="inspected_on")
    if not finding.findings:
        raise Invalid(_l("Write down what was found."), field="findings")


def require_unverified(commitment: Commitment) -> None:
    """Raise Conflict for a commitment that was found done."""
    if commitment.verified_on is not None:
        raise Conflict(_l("This commitment has been verified (%(day)s).", day=commitment.verified_on))


def require_estate_scope(listing: Listing, estate: Estate | None, actor: Actor) -> None:
    """Raise Refused unless the actor's scope includes this estate of the company."""
    require_scope(listing, actor)
    if actor.has(Role.BUREAU) or estate is None:
        return
    if estate.community.subdistrict_id not in actor.scope_ids(Role.SUBDISTRICT):
        raise Refused(_l("This estate lies in another sub-district."))


def check_promise(talk: Talk, promise: Promise, today: date) -> tuple[date, date]:
    """The days on which it was made and is due."""
    if talk.state is not TalkState.HELD or talk.held_on is None:
        raise Conflict(_l("Commitments are agreed at the talk: record the talk first."))
    made_on = promise.made_on or talk.held_on
    if not talk.held_on <= made_on <= today:
        raise Invalid(_l("This day lies before the talk or in the future."), field="made_on")
    longest = longest_days(promise.kind, windows_of(talk.listing))
    latest = made_on + timedelta(days=longest)
    due_on = promise.due_on or latest
    if due_on < made_on:
        raise Invalid(_l("The deadline lies before the commitment was made."), field="due_on")
    if due_on > latest:
        raise Invalid(_l("This kind takes at most %(n)s days: until %(day)s.", n=longest, day=latest), field="due_on")
    check_promise_texts(talk, promise)
    return made_on, due_on


def check_promise_texts(talk: Talk, promise: Promise) -> None:
    """Raise Invalid where a text is missing that this party or kind needs, or names somebody."""
    if promise.party is Party.HANDED_OVER and not promise.handed_over_to:
        raise Invalid(_l("Say which body it is handed over to."), field="handed_over_to")
    if promise.kind is CommitmentKind.HAZARDOUS and not promise.interim:
        raise Invalid(_l("Say what protects people within 24 hours, until it is repaired."), field="interim")
    if promise.kind is CommitmentKind.FUND and not promise.interim:
        raise Invalid(_l("Name the milestones: when the vote, when the works."), field="interim")
    rated = {one.estate_id for one in list_rated_estates_of(talk.listing)}
    if promise.estate is not None and promise.estate.id not in rated:
        raise Invalid(_l("The company was not rated for this estate in this round."), field="estate")
    name_nobody(
        talk.listing,
        owner_post=promise.owner_post,
        handed_over_to=promise.handed_over_to,
        problem=promise.problem,
        measure=promise.measure,
        interim=promise.interim,
    )
