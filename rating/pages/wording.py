"""Figures and states of the public pages in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from flask_babel import gettext as _, lazy_gettext as _l

from rating.evaluations.models import Channel
from rating.rounds.models import RoundState
from rating.scoring import CompanyCard, Direction, Standing
from rating.web.figures import points
from rating.web.language import language

ALMOST_SURE = Decimal("0.01")
HIGHEST = 100  # points: nobody can differ by more
NAMED = 3  # how many estates a list names before it only counts


def certainty(card: CompanyCard) -> str | None:
    """How sure a listing is, in whole per cent: the complement of the probability that it is wrong by chance."""
    wrong = card.wrong_probability
    if wrong is None:
        return None
    if wrong < ALMOST_SURE:
        return str(_("over 99%"))
    return f"{(100 * (1 - wrong)).quantize(Decimal(1), ROUND_HALF_EVEN)}%"


def tipping(card: CompanyCard) -> str | None:
    """By how much the silent households would have to think differently for the listing not to stand."""
    found = card.tipping
    if found is None or found.listing is not card.standing or found.points is None:
        return None
    if found.points > HIGHEST:
        return str(
            _("Even if all silent households gave full marks, this would stand.")
            if found.listing is Standing.BLACK
            else _("Even if all silent households gave the lowest marks, this would stand.")
        )
    if found.listing is Standing.BLACK:
        return str(
            _(
                "Silent households would have to rate it %(points)s points better on average to change this.",
                points=points(found.points),
            )
        )
    return str(
        _(
            "Households that stayed silent would have to rate it %(points)s points worse on average to change this.",
            points=points(found.points),
        )
    )


def name_some(names: Sequence[str]) -> str:
    """The first few names, and how many there are in all."""
    first = ("、" if language() == "zh" else ", ").join(names[:NAMED])
    if len(names) <= NAMED:
        return first
    return str(_("%(names)s and others, %(num)d in all", names=first, num=len(names)))


def expected_wrong(value: Decimal | None) -> str | None:
    """How many companies of a list are expected to be there wrongly: one decimal, '0.3'."""
    if value is None:
        return None
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    return str(_("fewer than 0.1")) if rounded == 0 else str(rounded)


def shares(counts: Mapping[Channel, int]) -> list[tuple[Channel, str]]:
    """How evaluations came in, in whole per cent, the ways in a fixed order."""
    total = sum(counts.values())
    return [
        (channel, f"{(Decimal(100 * counts[channel]) / total).quantize(Decimal(1), ROUND_HALF_EVEN)}%")
        for channel in Channel
        if counts.get(channel)
    ]


ROUND_STATES = {
    RoundState.DRAFT: _l("Draft"),
    RoundState.OPEN: _l("Open"),
    RoundState.CLOSED: _l("Closed"),
    RoundState.PREVIEW: _l("Preview"),
    RoundState.PUBLISHED: _l("Published"),
    RoundState.ARCHIVED: _l("Archived"),
}

DIRECTIONS = {
    Direction.RESIDENT_TO_COMPANY: _l("Residents rate the company"),
    Direction.COMMITTEE_TO_COMPANY: _l("Committee and community rate the company on site"),
    Direction.COMPANY_TO_COMMITTEE: _l("The company rates the committee and the community"),
    Direction.COMPANY_SELF: _l("The company rates itself"),
}


EVENT_KINDS = {
    "user.added": _l("User added"),
    "user.invited": _l("User invited"),
    "user.deactivated": _l("Account deactivated"),
    "user.reactivated": _l("Account reactivated"),
    "invitation.issued": _l("Invitation link made"),
    "password.set": _l("Password set by invitation"),
    "password.changed": _l("Password changed"),
    "sessions.ended": _l("Sessions ended"),
    "role.granted": _l("Role granted"),
    "role.ended": _l("Role ended"),
    "access.confirmed": _l("Confirmed by a second person"),
    "access.refused": _l("Refused by a second person"),
    "notices.dismissed": _l("Notices of changes read"),
    "register.imported": _l("Register imported"),
    "estate.added": _l("Estate added"),
    "estate.changed": _l("Estate changed"),
    "estate.deleted": _l("Estate deleted"),
    "estate.left_out": _l("Estate marked as not rated"),
    "estate.taken_back": _l("Estate rated again"),
    "company.added": _l("Company added"),
    "company.changed": _l("Company changed"),
    "company.deleted": _l("Company deleted"),
    "contract.added": _l("Contract added"),
    "contract.changed": _l("Contract changed"),
    "contract.deleted": _l("Contract deleted"),
    "committee.added": _l("Committee added"),
    "committee.changed": _l("Committee changed"),
    "committee.deleted": _l("Committee deleted"),
    "community.added": _l("Community added"),
    "community.changed": _l("Community changed"),
    "community.deleted": _l("Community deleted"),
    "subdistrict.added": _l("Sub-district added"),
    "subdistrict.changed": _l("Sub-district changed"),
    "subdistrict.deleted": _l("Sub-district deleted"),
    "rulebook.loaded": _l("Rulebook loaded"),
    "rulebook.deleted": _l("Rulebook deleted"),
    "round.drafted": _l("Round drafted"),
    "round.checked": _l("Checklist of a round kept"),
    "round.open": _l("Round opened"),
    "round.closed": _l("Round closed"),
    "round.preview": _l("Preview begun"),
    "round.published": _l("Round published"),
    "round.archived": _l("Round archived"),
    "codes.issued": _l("Household codes issued"),
    "participations.deleted": _l("Who has answered deleted"),
    "sign_in.done": _l("Signed in"),
    "sign_in.over": _l("Signed out"),
    "sign_in.failed": _l("Wrong password"),
    "sign_in.locked_out": _l("Too many wrong passwords: has to wait"),
    "sign_in.unknown_name": _l("Log-in names that don’t exist were tried"),
    "page.refused": _l("Page or action refused"),
    "participations.erased": _l("Who has answered taken out of the files"),
    "evaluations.flagged": _l("Ratings looked through for what stands out"),
    "evaluations.accepted": _l("Flagged ratings accepted"),
    "evaluations.rejected": _l("Flagged ratings not accepted"),
    "evaluations.shuffled": _l("Ratings rewritten, in no order of arrival"),
    "traces.deleted": _l("Networks of ratings deleted"),
    "traces.erased": _l("Networks of ratings taken out of the files"),
    "files.forgotten": _l("Files that nothing refers to deleted"),
    "evaluations.sealed": _l("Evaluations sealed with check values"),
    "spot_check.drawn": _l("Evaluations opened for a spot check"),
    "spot_check.recorded": _l("Spot check recorded"),
    "days_off.entered": _l("Notice of days off entered"),
    "days_off.deleted": _l("Notice of days off deleted"),
    "scorecard.computed": _l("Scorecard computed"),
    "gap.checked": _l("Gap between residents and on site checked"),
    "result.signed": _l("Result signed by committee or community"),
    "result.remarked": _l("Remark on a result"),
    "release.drafted": _l("Release drafted"),
    "release.withdrawn": _l("Draft of a release withdrawn"),
    "release.published": _l("Release signed and published"),
    "talk.notified": _l("Notice of a talk served"),
    "talk.postponed": _l("Talk postponed"),
    "talk.missed": _l("Company did not come to the talk"),
    "talk.held": _l("Talk held"),
    "commitment.made": _l("Commitment made"),
    "commitment.reported_done": _l("Commitment reported done"),
    "commitment.verified": _l("Commitment verified"),
    "commitment.found_undone": _l("Commitment found not done"),
    "commitment.became_overdue": _l("Commitment overdue"),
    "commitment.no_longer_overdue": _l("Commitment no longer overdue"),
}


def event_kind(kind: str) -> str:
    """What happened, in words; a kind that has none is shown as it is."""
    return str(EVENT_KINDS.get(kind, kind))
