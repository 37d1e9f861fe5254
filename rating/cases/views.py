"""Talks in the bureau's and the sub-districts' workspaces: the same pages under two addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from rating.access import Actor, Role, allow
from rating.cases.commitment_rules import find_part, find_wait
from rating.cases.effects import find_outcome
from rating.cases.models import CommitmentState, Talk, TalkState
from rating.cases.public_queries import is_late
from rating.cases.queries import (
    TalkFilter,
    find_talk,
    get_listing,
    get_talk,
    list_listings_without_talk,
    list_rated_estates_of,
    list_talks,
    select_talks,
)
from rating.cases.step_views import AT, OF, bp, own_actor
from rating.cases.wording import indicator_word, word
from rating.results.wording import explain_standing
from rating.web.downloads import download
from rating.web.figures import shown_score
from rating.web.language import moment
from rating.web.paging import paginate
from rating.web.request import today
from rating.workbooks.writing import write_csv

OVERDUE = "overdue"


def _may_write(actor: Actor) -> bool:
    return actor.has(Role.BUREAU, Role.SUBDISTRICT)


# ---- lists


def _wanted() -> TalkFilter:
    state = request.args.get("state", "")
    return TalkFilter(
        state=TalkState(state) if state in {one.value for one in TalkState} else None,
        company=request.args.get("company", "").strip(),
        release=request.args.get("release", type=int),
        overdue_on=today() if state == OVERDUE else None,
    )


@bp.get(AT)
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def talks(workspace: str) -> Any:
    """Listings that need a talk first, then all talks."""
    actor = own_actor(workspace)
    page = paginate(select_talks(_wanted(), actor), 30)
    states = [("", _("All")), *((state.value, word(state)) for state in TalkState), (OVERDUE, _("With overdue work"))]
    return render_template(
        "cases/talks.html",
        workspace=workspace,
        waiting=list_listings_without_talk(actor),
        page=page,
        states=states,
        may_write=_may_write(actor),
    )


@bp.get(f"{AT}.csv")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def export(workspace: str) -> Any:
    """The filtered talks as CSV that spreadsheets open as it is; nothing internal in it."""
    heads, *rows = _export_rows(list_talks(_wanted(), own_actor(workspace)))
    return download(write_csv(heads, rows), "text/csv", "talks.csv")


def _export_rows(found: list[Talk]) -> Iterator[list[Any]]:
    yield [
        *(_("Release"), _("Credit code"), _("Company"), _("Notice number"), _("State"), _("Served on")),
        *(
            _("Appointed for"),
            _("Talk held"),
            _("Place"),
            _("Issued by"),
            _("Commitments"),
            _("Verified"),
            _("Overdue"),
        ),
    ]
    for talk in found:
        listing = talk.listing
        yield [
            listing.release.number,
            *(listing.company.code, listing.company.name, talk.notice_number, word(talk.state)),
            talk.notified_on,
            moment(talk.scheduled_at),
            talk.held_on or "",
            *(talk.place, talk.issuer),
            len(talk.commitments),
            talk.count(CommitmentState.VERIFIED, today()),
            talk.count(CommitmentState.OVERDUE, today()),
        ]


# ---- one talk


@bp.get(OF)
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def talk(workspace: str, listing_id: int) -> Any:
    """Everything of one: the listing, the notice, the record, commitments, and what comes next."""
    actor = own_actor(workspace)
    listing = get_listing(listing_id, actor)
    found = find_talk(listing)
    return render_template(
        "cases/talk.html",
        workspace=workspace,
        listing=listing,
        talk=found,
        late=found is not None and is_late(found),
        stage=_stage(found),
        outcome=find_outcome(listing),
        rated=list_rated_estates_of(listing),
        reasons=explain_standing(listing.card),
        score=[shown_score(one) for one in (listing.card.score, listing.card.lower, listing.card.upper)],
        may_write=_may_write(actor),
        indicator_word=lambda key: indicator_word(listing.release.round.rulebook.content, key),
        find_wait=lambda commitment: find_wait(commitment, today()),
        find_part=lambda commitment: find_part(commitment, actor, today()),
    )


def _stage(found: Talk | None) -> int:
    """How many of listed, notice, talk, commitments, re-inspection are done."""
    if found is None:
        return 1
    if found.state is not TalkState.HELD:
        return 2
    if not found.commitments:
        return 3
    return 5 if all(commitment.verified_on for commitment in found.commitments) else 4


@bp.get(f"{OF}/notice")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def notice(workspace: str, listing_id: int) -> Any:
    """The notice, ready for printing."""
    found = get_talk(listing_id, own_actor(workspace))
    rated = list_rated_estates_of(found.listing)
    return render_template("cases/notice.html", talk=found, listing=found.listing, rated=rated)


@bp.get(f"{OF}/record")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def record(workspace: str, listing_id: int) -> Any:
    """The record, ready for printing and signing."""
    found = get_talk(listing_id, own_actor(workspace))
    return render_template("cases/record.html", talk=found, listing=found.listing)
