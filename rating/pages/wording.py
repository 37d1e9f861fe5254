"""Figures and states of the public pages in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from flask_babel import gettext as _, lazy_gettext as _t

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
    RoundState.DRAFT: _t("Draft"),
    RoundState.OPEN: _t("Open"),
    RoundState.CLOSED: _t("Closed"),
    RoundState.PREVIEW: _t("Preview"),
    RoundState.PUBLISHED: _t("Published"),
    RoundState.ARCHIVED: _t("Archived"),
}

DIRECTIONS = {
    Direction.RESIDENT_TO_COMPANY: _t("Residents rate the company"),
    Direction.COMMITTEE_TO_COMPANY: _t("Committee and community rate the company on site"),
    Direction.COMPANY_TO_COMMITTEE: _t("The company rates the committee and the community"),
    Direction.COMPANY_SELF: _t("The company rates itself"),
}


EVENT_KINDS = {
    "user.added": _t("User added"),
    "user.invited": _t("User invited"),
    "user.deactivated": _t("Account deactivated"),
    "user.reactivated": _t("Account reactivated"),
    "invitation.issued": _t("Invitation link made"),
    "password.set": _t("Password set by invitation"),
    "password.changed": _t("Password changed"),
    "sessions.ended": _t("Sessions ended"),
    "role.granted": _t("Role granted"),
    "role.ended": _t("Role ended"),
    "access.confirmed": _t("Confirmed by a second person"),
    "access.refused": _t("Refused by a second person"),
    "notices.dismissed": _t("Notices of changes read"),
    "register.imported": _t("Register imported"),
    "estate.added": _t("Estate added"),
    "estate.changed": _t("Estate changed"),
    "estate.deleted": _t("Estate deleted"),
    "estate.left_out": _t("Estate marked as not rated"),
    "estate.taken_back": _t("Estate rated again"),
    "company.added": _t("Company added"),
    "company.changed": _t("Company changed"),
    "company.deleted": _t("Company deleted"),
    "contract.added": _t("Contract added"),
    "contract.changed": _t("Contract changed"),
    "contract.deleted": _t("Contract deleted"),
    "committee.added": _t("Committee added"),
    "committee.changed": _t("Committee changed"),
    "committee.deleted": _t("Committee deleted"),
    "community.added": _t("Community added"),
    "community.changed": _t("Community changed"),
    "community.deleted": _t("Community deleted"),
    "subdistrict.added": _t("Sub-district added"),
    "subdistrict.changed": _t("Sub-district changed"),
    "subdistrict.deleted": _t("Sub-district deleted"),
    "rulebook.loaded": _t("Rulebook loaded"),
    "rulebook.deleted": _t("Rulebook deleted"),
    "round.drafted": _t("Round drafted"),
    "round.checked": _t("Checklist of a round kept"),
    "round.open": _t("Round opened"),
    "round.closed": _t("Round closed"),
    "round.preview": _t("Preview begun"),
    "round.published": _t("Round published"),
    "round.archived": _t("Round archived"),
    "codes.issued": _t("Household codes issued"),
    "participations.deleted": _t("Who has answered deleted"),
    "sign_in.done": _t("Signed in"),
    "sign_in.over": _t("Signed out"),
    "sign_in.failed": _t("Wrong password"),
    "sign_in.locked_out": _t("Too many wrong passwords: has to wait"),
    "sign_in.unknown_name": _t("Log-in names that don’t exist were tried"),
    "page.refused": _t("Page or action refused"),
    "participations.erased": _t("Who has answered taken out of the files"),
    "evaluations.flagged": _t("Ratings looked through for what stands out"),
    "evaluations.accepted": _t("Flagged ratings accepted"),
    "evaluations.rejected": _t("Flagged ratings not accepted"),
    "evaluations.shuffled": _t("Ratings rewritten, in no order of arrival"),
    "traces.deleted": _t("Networks of ratings deleted"),
    "traces.erased": _t("Networks of ratings taken out of the files"),
    "files.forgotten": _t("Files that nothing refers to deleted"),
    "evaluations.sealed": _t("Evaluations sealed with check values"),
    "spot_check.drawn": _t("Evaluations opened for a spot check"),
    "spot_check.recorded": _t("Spot check recorded"),
    "days_off.entered": _t("Notice of days off entered"),
    "days_off.deleted": _t("Notice of days off deleted"),
    "scorecard.computed": _t("Scorecard computed"),
    "gap.checked": _t("Gap between residents and on site checked"),
    "result.signed": _t("Result signed by committee or community"),
    "result.remarked": _t("Remark on a result"),
    "release.drafted": _t("Release drafted"),
    "release.withdrawn": _t("Draft of a release withdrawn"),
    "release.published": _t("Release signed and published"),
    "talk.notified": _t("Notice of a talk served"),
    "talk.postponed": _t("Talk postponed"),
    "talk.missed": _t("Company did not come to the talk"),
    "talk.held": _t("Talk held"),
    "commitment.made": _t("Commitment made"),
    "commitment.reported_done": _t("Commitment reported done"),
    "commitment.verified": _t("Commitment verified"),
    "commitment.found_undone": _t("Commitment found not done"),
    "commitment.became_overdue": _t("Commitment overdue"),
    "commitment.no_longer_overdue": _t("Commitment no longer overdue"),
}


def event_kind(kind: str) -> str:
    """What happened, in words; a kind that has none is shown as it is."""
    return str(EVENT_KINDS.get(kind, kind))
