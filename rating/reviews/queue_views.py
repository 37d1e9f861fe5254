"""The reviewer's workspace: what is flagged in other communities, and deciding about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _, ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.access import Role, allow
from rating.errors import Invalid
from rating.extensions import db
from rating.reviews.deciding import decide_group, require_reviewer
from rating.reviews.erasing import erase_deleted
from rating.reviews.forms import VerdictForm
from rating.reviews.models import FlagKind
from rating.reviews.queue import FlagGroup, Member, get_group, list_groups, list_members
from rating.reviews.wording import CHANNELS, DECIDED, FLAG_KINDS, FLAGS_EXPLAINED
from rating.rounds.queries import get_rated_estate
from rating.web.access import only_reads
from rating.web.language import day
from rating.web.request import current_actor, now, today

bp = Blueprint("review_queue", __name__)
ADDRESS = f"/review/<int:rated_estate_id>/<any({', '.join(FlagKind)}):kind>/<int:cluster>"


@bp.get("/review")
@allow(Role.REVIEWER, Role.AUDITOR)
def queue() -> str:
    """What waits for a decision, and what has been decided in the rounds under review."""
    groups = list_groups(current_actor())
    return render_template(
        "reviews/queue.html",
        waiting=[one for one in groups if one.pending],
        decided=[one for one in groups if not one.pending],
        kinds=FLAG_KINDS,
    )


@bp.get(ADDRESS)
@allow(Role.REVIEWER, Role.AUDITOR)
def group(rated_estate_id: int, kind: str, cluster: int) -> str:
    """One group: what its evaluations share, when and how they came in; never what they say."""
    found = _find_group(rated_estate_id, kind, cluster)
    members = list_members(found)
    form = _form(members)
    form.evaluations.data = [one.id for one in members]
    return _page(found, members, form)


@bp.post(ADDRESS)
@allow(Role.REVIEWER)
def decide(rated_estate_id: int, kind: str, cluster: int) -> Any:
    """Decide about all or some of a group."""
    found = _find_group(rated_estate_id, kind, cluster)
    members = list_members(found)
    form = _form(members)
    if form.validate_on_submit():
        chosen = form.evaluations.data or []
        try:
            decide_group(found, chosen, form.verdict(), current_actor(), now())
        except Invalid as error:
            form.refuse(error, "decision")
        else:
            db.session.commit()
            erase_deleted(current_actor(), now())  # where this was the last one, networks have been deleted
            db.session.commit()
            flash(ngettext("Decided about %(num)s rating.", "Decided about %(num)s ratings.", len(chosen)), "success")
            return redirect(url_for(".queue"), 303)
    return _page(found, members, form), 422


def _find_group(rated_estate_id: int, kind: str, cluster: int) -> FlagGroup:
    """A group that the actor may look at."""
    rated_estate = get_rated_estate(rated_estate_id)
    if not only_reads(current_actor()):
        require_reviewer(rated_estate, current_actor(), today())
    return get_group(rated_estate, FlagKind(kind), cluster)


def _form(members: list[Member]) -> VerdictForm:
    form = VerdictForm()
    form.evaluations.choices = [
        SelectChoice(one.id, _said(place, one)) for place, one in enumerate(members, 1) if one.decision is None
    ]
    return form


def _said(place: int, member: Member) -> str:
    words = {"n": place, "week": day(member.week), "channel": CHANNELS[member.channel]}
    return str(_("No. %(n)s: week from %(week)s, %(channel)s", **words))


def _page(found: FlagGroup, members: list[Member], form: VerdictForm) -> str:
    return render_template(
        "reviews/group.html",
        group=found,
        members=members,
        form=form,
        kinds=FLAG_KINDS,
        explained=FLAGS_EXPLAINED,
        channels=CHANNELS,
        decided=DECIDED,
    )
