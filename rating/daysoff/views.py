"""The bureau's page of days off: the notices that were entered, and entering another."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.calendar import is_known, last_known_year
from rating.daysoff.forms import NoticeForm, fingerprint
from rating.daysoff.notice import list_runs
from rating.daysoff.queries import get_notice, list_notices
from rating.daysoff.service import delete_notice, enter_notice
from rating.errors import Conflict
from rating.extensions import db
from rating.web.request import current_actor, now

bp = Blueprint("daysoff", __name__)


@bp.app_template_test("announced")
def is_announced(day: date) -> bool:
    """Whether the days off of this day's year are known, so that a deadline on it was counted with all of them."""
    return is_known(day.year)


@bp.get("/bureau/days-off")
@allow(Role.BUREAU, Role.AUDITOR)
def notices() -> str:
    """The years whose days off are known, and by which notice."""
    return render_template("daysoff/notices.html", notices=list_notices(), last_known=last_known_year(), runs=list_runs)


@bp.route("/bureau/days-off/enter", methods=["GET", "POST"])
@allow(Role.BUREAU)
def enter() -> Any:
    """Enter a year's notice: first what was understood is shown, then it is kept."""
    form = NoticeForm()
    understood = form.validate_on_submit()
    if understood and form.is_settled():
        try:
            enter_notice(form.year.data or 0, form.source.data or "", form.days, current_actor(), now())
        except Conflict as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The days off of %(year)s are entered.", year=form.year.data), "success")
            return redirect(url_for(".notices"), 303)
    runs = list_runs(form.days) if understood else None
    if understood:
        form.confirmed.data = fingerprint(form)
    return render_template("daysoff/enter.html", form=form, runs=runs), 422 if form.errors else 200


@bp.post("/bureau/days-off/<int:year>/delete")
@allow(Role.BUREAU)
def delete(year: int) -> Any:
    """Take a notice back."""
    delete_notice(get_notice(year), current_actor(), now())
    db.session.commit()
    flash(_("The notice of %(year)s is deleted.", year=year), "success")
    return redirect(url_for(".notices"), 303)
