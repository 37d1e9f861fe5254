"""Which desks a person has, a round's stage, and the one next thing that the bureau has to do for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext as _t

from rating.access import Actor, Role
from rating.pages.desks.queries import RoundDesk
from rating.rounds.models import RoundState

STEPS = (
    _t("Drafted"),
    _t("Open for ratings"),
    _t("Closed"),
    _t("Preview"),
    _t("Published"),
)
STAGES = {
    RoundState.DRAFT: 0,
    RoundState.OPEN: 1,
    RoundState.CLOSED: 2,
    RoundState.PREVIEW: 3,
    RoundState.PUBLISHED: len(STEPS),
    RoundState.ARCHIVED: len(STEPS),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, why, and where; without an address there is nothing to do but wait."""

    title: Any
    text: Any
    address: str = ""


def stage_of(desk: RoundDesk) -> int:
    """The step that a round is in, from 0; the number of steps once all are done."""
    return STAGES[desk.round.state]


def next_step(desk: RoundDesk, today: date, without_talk: int) -> NextStep:
    """The next thing to do; `without_talk` is how many black-listed companies have had no notice of a talk."""
    page = f"/bureau/rounds/{desk.round.number}"
    if desk.round.state is RoundState.DRAFT:
        return NextStep(
            _t("Go through the checklist and open the round"),
            _t("Opening freezes estates, companies and households."),
            f"{page}/checklist",
        )
    if desk.round.state is RoundState.OPEN:
        return _while_open(desk, today, page)
    if desk.round.state is RoundState.CLOSED:
        return _after_close(desk, page)
    if desk.round.state is RoundState.PREVIEW:
        return _in_preview(desk, today, page)
    if without_talk:
        return NextStep(
            _t("Arrange the talks"), _t("Companies on the black list have had no notice yet."), "/bureau/talks"
        )
    return NextStep(_t("Draft the next round"), _t("This round is published."), "/bureau/rounds/new")


def _while_open(desk: RoundDesk, today: date, page: str) -> NextStep:
    if today < desk.round.opens_on:
        return NextStep(
            _t("Print posters and letters"), _t("The days for rating have not begun yet."), f"{page}/roster"
        )
    if today <= desk.round.closes_on:
        return NextStep(_t("Follow the turnout"), _t("Ratings are coming in."), f"{page}/turnout")
    return NextStep(_t("Close this round"), _t("Its last day is over; nothing more is taken."), page)


def _after_close(desk: RoundDesk, page: str) -> NextStep:
    if desk.scorecard is None:
        pending = _t(
            "All ratings are in; some are set aside and still being reviewed. What isn’t decided by the preview is not "
            "counted."
        )
        why = pending if desk.reviews.pending else _t("All ratings are in.")
        return NextStep(_t("Compute the scorecard"), why, f"{page}/scorecard")
    if desk.unchecked_gaps:
        return NextStep(
            _t("Have the wide gaps checked"),
            _t("The sub-districts look into estates where residents and on site differ; then the preview can begin."),
            f"{page}/scorecard",
        )
    return NextStep(
        _t("Check the scorecard and start the preview"),
        _t("It can be computed again until then."),
        f"{page}/scorecard",
    )


def _in_preview(desk: RoundDesk, today: date, page: str) -> NextStep:
    if desk.draft is None:
        return NextStep(
            _t("Draft the release"), _t("Committees sign off or remark; companies may object."), f"{page}/release"
        )
    if not desk.round.is_preview_over(today):
        return NextStep(
            _t("Wait for the end of the preview"),
            _t("The release is drafted; it can be signed once the preview is over."),
            f"{page}/release",
        )
    return NextStep(_t("Sign the release"), _t("Somebody other than its drafter signs it."), f"{page}/release")


def workspaces(actor: Actor) -> list[tuple[str, str]]:
    """(label, address) of each workspace that the actor's grants open, in the order of the roles."""
    places = (
        ((Role.BUREAU,), gettext("Bureau"), "/bureau"),
        ((Role.SUBDISTRICT,), gettext("Sub-district"), "/subdistrict"),
        ((Role.COMMUNITY, Role.COMMITTEE), gettext("Community and committee"), "/committee"),
        ((Role.COMPANY,), gettext("Company"), "/company"),
        ((Role.REVIEWER,), gettext("Review"), "/review"),
        ((Role.AUDITOR,), gettext("Audit"), "/audit"),
    )
    return [(label, url) for roles, label, url in places if actor.has(*roles)]
