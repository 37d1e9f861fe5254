"""Each role's first screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template

from rating.access import SIGNED_IN, Role, allow
from rating.adjustments.queries import count_proposed
from rating.cases.queries import list_listings_without_talk
from rating.gaps.queries import list_own_gaps
from rating.pages.desks.queries import (
    count_talks,
    describe_round,
    list_community_desks,
    list_estates_served,
    list_estates_to_rate,
    list_own_companies,
    list_own_subdistricts,
    list_rounds_at_work,
)
from rating.pages.desks.wording import STEPS, next_step, stage_of, workspaces
from rating.pages.wording import DIRECTIONS, ROUND_STATES
from rating.registry.queries import count_register
from rating.releases.queries import list_company_previews, list_estate_previews
from rating.rounds.models import RoundState
from rating.rounds.queries import find_open_round, get_round, list_rounds
from rating.scoring import Direction
from rating.turnout.needed import count_still_needed
from rating.web.request import current_actor, now, today

bp = Blueprint("workspace", __name__)


@bp.get("/workspace")
@allow(SIGNED_IN)
def first() -> Any:
    """The first of the actor's workspaces; a page that says so for whoever has none."""
    places = workspaces(current_actor())
    if not places:
        return render_template("pages/no_workspace.html")
    return redirect(places[0][1], 303)


# ---- the bureau


@bp.get("/bureau")
@allow(Role.BUREAU, Role.AUDITOR)
def bureau() -> str:
    """The rounds at work, each with the one next thing to do, and the way to everything else."""
    actor = current_actor()
    without_talk = list_listings_without_talk(actor)
    desks = [describe_round(one) for one in list_rounds_at_work()]
    return render_template(
        "pages/bureau.html",
        desks=[(desk, stage_of(desk), next_step(desk, today(), len(without_talk))) for desk in desks],
        steps=STEPS,
        states=ROUND_STATES,
        directions=DIRECTIONS,
        register=count_register(today()),
        proposed=count_proposed(),
        without_talk=without_talk,
        talks=count_talks(actor),
    )


@bp.get("/bureau/rounds")
@allow(Role.BUREAU, Role.AUDITOR)
def rounds() -> str:
    """All rounds, the latest first."""
    return render_template("pages/rounds.html", rounds=list_rounds(), states=ROUND_STATES)


@bp.get("/bureau/rounds/<int:number>")
@allow(Role.BUREAU, Role.AUDITOR)
def round_(number: int) -> str:
    """A round: its state, what is next, and the way to all its pages."""
    desk = describe_round(get_round(number))
    without_talk = [one for one in list_listings_without_talk(current_actor()) if one.release.round_id == desk.round.id]
    return render_template(
        "pages/round.html",
        desk=desk,
        round=desk.round,
        steps=STEPS,
        stage=stage_of(desk),
        next_step=next_step(desk, today(), len(without_talk)),
        states=ROUND_STATES,
        directions=DIRECTIONS,
        days_over=today() > desk.round.closes_on,
        is_open=desk.round.state is RoundState.OPEN,
    )


# ---- the others


@bp.get("/subdistrict")
@allow(Role.SUBDISTRICT)
def subdistrict() -> str:
    """Turnout of the sub-district's communities while a round is open, its talks and the gaps it checks."""
    actor = current_actor()
    round_ = find_open_round()
    gaps = [gap for closed, some in list_own_gaps(actor) if closed.state is RoundState.CLOSED for gap in some]
    return render_template(
        "pages/subdistrict.html",
        subdistricts=list_own_subdistricts(actor),
        unchecked_gaps=sum(gap.check is None for gap in gaps),
        round=round_,
        communities=list_community_desks(round_, actor) if round_ else [],
        still_needed=count_still_needed(round_, now()) if round_ else {},
        without_talk=list_listings_without_talk(actor),
        talks=count_talks(actor),
    )


@bp.get("/committee")
@allow(Role.COMMUNITY, Role.COMMITTEE)
def committee() -> str:
    """My estates in the open round: rate them on site, follow turnout; results that are waiting for my signature."""
    actor = current_actor()
    round_ = find_open_round()
    return render_template(
        "pages/committee.html",
        round=round_,
        takes=bool(round_ and round_.takes_evaluations(today())),
        estates=list_estates_to_rate(round_, actor) if round_ else [],
        still_needed=count_still_needed(round_, now()) if round_ else {},
        previews=list_estate_previews(actor),
        on_site=Direction.COMMITTEE_TO_COMPANY,
    )


@bp.get("/company")
@allow(Role.COMPANY)
def company() -> str:
    """My estates in the open round: rate committee and community, rate ourselves; the preview of our result."""
    actor = current_actor()
    round_ = find_open_round()
    return render_template(
        "pages/company_desk.html",
        companies=list_own_companies(actor),
        round=round_,
        takes=bool(round_ and round_.takes_evaluations(today())),
        estates=list_estates_served(round_, actor) if round_ else [],
        previews=list_company_previews(actor),
        back=Direction.COMPANY_TO_COMMITTEE,
        itself=Direction.COMPANY_SELF,
        asked=frozenset(round_.rulebook.content.questionnaires) if round_ else frozenset(),
    )
