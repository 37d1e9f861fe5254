"""One's own account: the password, the sessions, and the invitation link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from rating.access import OWN_ACCOUNT, PUBLIC, allow
from rating.accounts.changes import dismiss_notices
from rating.accounts.forms import ChangePasswordForm, EndSessionsForm, SetPasswordForm
from rating.accounts.invitations import NotYet, accept_invitation, get_invitation
from rating.accounts.models import User
from rating.accounts.queries import WATCHED, get_user, list_notices, list_sessions
from rating.accounts.service import change_password, end_own_sessions
from rating.accounts.sessions import RowSession, hashed
from rating.accounts.watching import note_failure
from rating.accounts.wording import told_change
from rating.errors import Conflict, Invalid, NotFound, TooMany
from rating.extensions import db
from rating.tries.guessing import PASSWORDS
from rating.web.errors import answer_too_many
from rating.web.language import moment, told
from rating.web.request import current_actor, now, today

bp = Blueprint("own_account", __name__)


def _oneself() -> User:
    return get_user(current_actor().user_id or 0)


def _this_session() -> str:
    """The hash of this browser's session key."""
    key = session.key if isinstance(session, RowSession) else getattr(session, "key", None)
    return hashed(str(key)) if key else ""


def _page(form: ChangePasswordForm, ending: EndSessionsForm) -> tuple[str, int]:
    user = _oneself()
    sessions = list_sessions(user, now())
    others = [(one.key_hash, moment(one.started_at)) for one in sessions if one.key_hash != _this_session()]
    page = render_template(
        "accounts/account.html",
        form=form,
        ending=ending.offer(others),
        person=user,
        grants=[grant for grant in user.grants if not grant.is_over(today())],
        sessions=sessions,
        this_session=_this_session(),
        idle=any(grant.role in WATCHED and grant.ended_at is None for grant in user.grants),
    )
    return page, 422 if form.errors or ending.errors else 200


@bp.get("/account")
@allow(OWN_ACCOUNT)
def mine() -> Any:
    """One's own name, roles and sessions, and the form to change the password."""
    return _page(ChangePasswordForm(), EndSessionsForm())


@bp.post("/account")
@allow(OWN_ACCOUNT)
def change() -> Any:
    """Change one's own password; every other session ends."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        name = _oneself().username.casefold()
        try:
            PASSWORDS.check(name)
            change_password(_oneself(), str(form.old_password.data), str(form.password.data), now(), _this_session())
        except TooMany as error:
            answer_too_many(error.seconds)
            note_failure(name, locked_out=True)
            form.refuse(error, "old_password")
        except Invalid as error:
            db.session.rollback()
            form.refuse(error, "password")
            if error.field == form.old_password.name:
                PASSWORDS.count(name)
                note_failure(name)
        else:
            return _back(_("Your password is changed. Every other session has ended."))
    return _page(form, EndSessionsForm(formdata=None))


@bp.post("/account/sessions/end")
@allow(OWN_ACCOUNT)
def end_sessions() -> Any:
    """End one of one's other sessions (its key's hash in `session`), or all others, knowing the password."""
    form = EndSessionsForm()
    if form.validate_on_submit():
        name, given = _oneself().username.casefold(), str(form.confirmed_password.data)
        try:
            PASSWORDS.check(name)
            end_own_sessions(_oneself(), given, now(), key=form.session.data or "", but=_this_session())
        except TooMany as error:
            answer_too_many(error.seconds)
            note_failure(name, locked_out=True)
            form.refuse(error, "confirmed_password")
        except Invalid as error:
            db.session.rollback()
            form.refuse(error, "confirmed_password")
            PASSWORDS.count(name)
            note_failure(name)
        else:
            return _back(_("Ended."))
    return _page(ChangePasswordForm(formdata=None), form)


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice of a change, in words."""

    id: int
    said: str


@bp.app_context_processor
def tell_changes() -> dict[str, Any]:
    """For first screens: the notices that whoever is signed in hasn't dismissed."""
    return {"own_notices": _own_notices}


def _own_notices() -> list[NoticeLine]:
    user_id = current_actor().user_id or 0
    return [NoticeLine(notice.id, told_change(notice.change, user_id)) for notice in list_notices(user_id)]


@bp.post("/account/notices")
@allow(OWN_ACCOUNT)
def dismiss() -> Any:
    """Dismiss the notices that were shown."""
    dismiss_notices(_oneself(), set(request.form.getlist("notice", type=int)), now())
    db.session.commit()
    return redirect(url_for("workspace.first"), 303)


def _back(message: str) -> Any:
    db.session.commit()
    flash(message, "success")
    return redirect(url_for("own_account.mine"), 303)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@allow(PUBLIC)
def invitation(token: str) -> Any:
    """Set the first password by a link; opening the link doesn't use it up, because chat programs open links too."""
    form = SetPasswordForm()
    try:
        if form.validate_on_submit():
            return _accept(token, form)
        user = get_invitation(token, now()).user
    except (NotFound, Conflict) as error:
        db.session.rollback()
        status = 404 if isinstance(error, NotFound) else 409 if isinstance(error, NotYet) else 410
        return _unseen(render_template("accounts/invitation_over.html", message=told(error.message)), status)
    return _unseen(render_template("accounts/invitation.html", form=form, person=user), 422 if form.errors else 200)


def _accept(token: str, form: SetPasswordForm) -> Any:
    try:
        user = accept_invitation(token, str(form.password.data), now())
    except Invalid as error:
        db.session.rollback()
        form.refuse(error, "password")
        user = get_invitation(token, now()).user
        return _unseen(render_template("accounts/invitation.html", form=form, person=user), 422)
    username = user.username
    db.session.commit()
    flash(_("Your password is set. Sign in as %(username)s.", username=username), "success")
    return redirect(url_for("security.login"), 303)


def _unseen(page: str, status: int) -> tuple[str, int, dict[str, str]]:
    """A page that no cache keeps."""
    return page, status, {"Cache-Control": "no-store"}
