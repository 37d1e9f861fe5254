"""The event log, for the auditor."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.pages.desks.queries import EventFilter, events_of, list_event_kinds, list_events
from rating.pages.forms import EventFilterForm
from rating.pages.wording import event_kind
from rating.web.downloads import download
from rating.web.paging import paginate
from rating.web.request import SHANGHAI
from rating.workbooks.writing import write_csv

bp = Blueprint("audit", __name__)
bp.add_app_template_filter(event_kind, "event_kind")


def _asked() -> tuple[EventFilterForm, EventFilter]:
    form = EventFilterForm(request.args)
    kinds = list_event_kinds()
    form.kind.choices = [("", _("Everything")), *((kind, event_kind(kind)) for kind in kinds)]
    if not form.validate():
        return form, EventFilter()
    return form, EventFilter(form.kind.data or "", (form.subject.data or "").strip(), form.day.data)


@bp.get("/audit")
@allow(Role.AUDITOR)
def events() -> Any:
    """Who did what, when and why, the latest first; by kind, subject and day."""
    form, wanted = _asked()
    page = paginate(events_of(wanted))
    return render_template("pages/audit.html", form=form, page=page), 422 if form.errors else 200


@bp.get("/audit/events.csv")
@allow(Role.AUDITOR)
def download_events() -> Response:
    """The same events as a table for spreadsheets, all of them."""
    _form, wanted = _asked()
    heads = [
        _("No."),
        _("When"),
        _("Who"),
        _("What happened"),
        _("Kind"),
        _("Subject"),
        _("Why"),
        _("Details"),
        "SHA-256",
    ]
    rows = [
        [
            event.number,
            event.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            event.actor_name,
            event_kind(event.kind),
            event.kind,
            event.subject,
            event.reason,
            json.dumps(event.data, ensure_ascii=False, sort_keys=True) if event.data else "",
            event.hash.hex(),
        ]
        for event in list_events(wanted)
    ]
    response = download(write_csv(heads, rows), "text/csv", "events.csv")
    response.headers["Cache-Control"] = "no-store"
    return response
