"""What is waiting for a second person of the bureau, and what works on one person's word alone."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import ngettext

from rating.access import Role, allow
from rating.accounts.changes import GIVEN
from rating.accounts.forms import ConfirmForm, DecideForm
from rating.accounts.models import AccessChange
from rating.accounts.queries import changes_on_one_word, list_bureau, list_waiting
from rating.accounts.second_person import confirm_changes, refuse_changes, why_not_confirm
from rating.accounts.wording import said_change
from rating.errors import Conflict, DomainError
from rating.extensions import db
from rating.web.access import only_read_from_here
from rating.web.language import told
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.wording import _l

bp = Blueprint("access_changes", __name__)
AT = "/bureau/people/waiting"
Chosen = TypeVar("Chosen", bound=ConfirmForm)


@bp.get(AT)
@allow(Role.BUREAU, Role.AUDITOR)
def show() -> str:
    """What is waiting, and below it what works although nobody else has confirmed it."""
    return _page(_decide_form(clean=True), _confirm_form(clean=True))


@bp.post(AT)
@allow(Role.BUREAU)
def decide() -> Any:
    """Confirm or refuse what is waiting: what is ticked, or all that the actor can."""
    form = _decide_form()
    if form.validate_on_submit():
        try:
            return _back(_decide(form))
        except DomainError as error:
            _tell(form, error)
    return _page(_still_listed(form), _confirm_form(clean=True)), 422


def _decide(form: DecideForm) -> str:
    if form.step.data == "refuse":
        ids = _chosen(form, list_waiting())
        count = len(refuse_changes(ids, form.reason.data or "", current_actor(), now()))
        return str(ngettext("Refused: it never works.", "%(num)s refused: they never work.", count))
    ids = _chosen(form, _confirmable(list_waiting()))
    count = len(confirm_changes(ids, current_actor(), now()))
    return str(ngettext("Confirmed: it works now.", "%(num)s confirmed: they work now.", count))


@bp.post(f"{AT}/working")
@allow(Role.BUREAU)
def confirm_working() -> Any:
    """Confirm what already works, so that giver and receiver count as two people."""
    form = _confirm_form()
    if form.validate_on_submit():
        try:
            ids = _chosen(form, _confirmable(_working().items))
            count = len(confirm_changes(ids, current_actor(), now()))
        except DomainError as error:
            _tell(form, error)
        else:
            return _back(str(ngettext("Confirmed.", "%(num)s confirmed.", count)))
    return _page(_decide_form(clean=True), _still_listed(form)), 422


def _working() -> Any:
    return paginate(changes_on_one_word(GIVEN))


def _confirmable(changes: list[AccessChange]) -> list[AccessChange]:
    return [change for change in changes if why_not_confirm(change, current_actor()) is None]


def _chosen(form: ConfirmForm, listed: list[AccessChange]) -> list[int]:
    return [change.id for change in listed] if form.everything.data else list(form.change.data or [])


def _decide_form(*, clean: bool = False) -> DecideForm:
    form = DecideForm(formdata=None) if clean else DecideForm()
    return form.offer([(change.id, _line(change)) for change in list_waiting()])


def _confirm_form(*, clean: bool = False) -> ConfirmForm:
    form = ConfirmForm(formdata=None, prefix="working-") if clean else ConfirmForm(prefix="working-")
    return form.offer([(change.id, _line(change)) for change in _working().items])


def _line(change: AccessChange) -> str:
    """One thing that was given, on one line, and why this actor can't confirm it."""
    why = why_not_confirm(change, current_actor())
    return said_change(change) + (f" – {told(why)}" if why is not None else "")


def _tell(form: ConfirmForm, error: DomainError) -> None:
    only_read_from_here()
    form.refuse(error, "change")


def _still_listed(form: Chosen) -> Chosen:
    """The form to be shown again; raises Conflict where nothing is left to choose from."""
    if not form.change.choices:
        raise Conflict(_l("Somebody has just decided on some of these. Please look again."))
    return form


def _page(deciding: DecideForm, confirming: ConfirmForm) -> str:
    return render_template(
        "accounts/waiting.html",
        deciding=deciding,
        confirming=confirming,
        page=_working(),
        alone=len(list_bureau(today())) < 2,
        may_write=current_actor().has(Role.BUREAU),
    )


def _back(message: str) -> Any:
    db.session.commit()
    flash(message, "success")
    return redirect(url_for(".show"), 303)
