"""The steps of a talk: notice, postponement, absence, record."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.cases.prefill import new_notice, new_record
from rating.cases.queries import get_listing, get_talk
from rating.cases.step_views import OF, bp, own_actor, take_step
from rating.cases.talk_forms import AbsenceForm, NoticeForm, PostponementForm, RecordForm
from rating.cases.talk_service import hold_talk, notify_talk, postpone_talk, record_absence
from rating.server.sizes import TEXTS, takes
from rating.web.request import now, today


@bp.route(f"{OF}/notify", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def notify(workspace: str, listing_id: int) -> Any:
    """Record the notice."""
    actor = own_actor(workspace)
    listing = get_listing(listing_id, actor)
    form = NoticeForm(data=new_notice(listing, today(), current_app.config["CITY_ZH"]))
    return take_step(
        workspace,
        listing,
        form,
        lambda: notify_talk(listing, form.notice(), actor, now()),
        title=_("Notice of a talk"),
        button=_("Record the notice"),
        done=_("The notice is recorded."),
        due_on=listing.talk_due_on,
    )


@bp.route(f"{OF}/postpone", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
def postpone(workspace: str, listing_id: int) -> Any:
    """Postpone the talk, once."""
    actor = own_actor(workspace)
    found = get_talk(listing_id, actor)
    form = PostponementForm()
    return take_step(
        workspace,
        found.listing,
        form,
        lambda: postpone_talk(found, form.scheduled_at, form.reason.data or "", actor, now()),
        title=_("Postpone the talk"),
        button=_("Postponed"),
        done=_("The talk is postponed."),
        talk=found,
    )


@bp.route(f"{OF}/absence", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
def absence(workspace: str, listing_id: int) -> Any:
    """Record that nobody came."""
    actor = own_actor(workspace)
    found = get_talk(listing_id, actor)
    form = AbsenceForm()
    return take_step(
        workspace,
        found.listing,
        form,
        lambda: record_absence(found, form.note.data or "", actor, now()),
        title=_("Nobody came"),
        button=_("Record the absence"),
        done=_("The absence is recorded. The talk can still be held."),
        talk=found,
    )


@bp.route(f"{OF}/hold", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def hold(workspace: str, listing_id: int) -> Any:
    """Record the talk."""
    actor = own_actor(workspace)
    found = get_talk(listing_id, actor)
    form = RecordForm(data=new_record(found))
    return take_step(
        workspace,
        found.listing,
        form,
        lambda: hold_talk(found, form.record(), (), actor, now()),
        title=_("Record of the talk"),
        button=_("Save the record"),
        done=_("The talk is recorded. Now add what was agreed."),
        talk=found,
        final=True,
    )
