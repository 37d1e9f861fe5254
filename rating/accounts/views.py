"""The bureau's pages about people: the list, inviting, granting, ending."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.accounts.forms import EndGrantForm, GrantForm, InviteForm, PeopleFilterForm, ReasonForm
from rating.accounts.granting import end_grant, grant_role
from rating.accounts.invitations import issue_invitation
from rating.accounts.models import VALID, AccessChange, ChangeKind, Grant, User
from rating.accounts.places import Unclear, settle_place
from rating.accounts.queries import (
    count_waiting,
    get_grant,
    get_user,
    list_bureau,
    list_events_about,
    list_people,
    list_sessions,
    people_of,
)
from rating.accounts.service import add_invited_user, deactivate_user, end_sessions, reactivate_user
from rating.accounts.wording import grant_state, people_rows, role_name, scope_name, user_state
from rating.errors import DomainError, Refused
from rating.extensions import db
from rating.registry.queries import list_communities
from rating.web.access import only_reads
from rating.web.downloads import download
from rating.web.fields import PageForm
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.workbooks.writing import write_csv

bp = Blueprint("people", __name__)
bp.add_app_template_filter(role_name, "role_name")
bp.add_app_template_filter(scope_name, "scope_name")
bp.add_app_template_filter(grant_state, "grant_state")
bp.add_app_template_filter(user_state, "user_state")


@bp.get("/bureau/people")
@allow(Role.BUREAU, Role.AUDITOR)
def people() -> str:
    """Who signs in, with what they are granted; filtered, a page at a time."""
    form = _filter()
    page = paginate(people_of(form.wanted, today()))
    return render_template(
        "accounts/people.html",
        form=form,
        page=page,
        may_write=_may_write(),
        waiting=count_waiting(),
        alone=len(list_bureau(today())) < 2,
    )


@bp.get("/bureau/people.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def people_file() -> Response:
    """The same list as a table, a line for each role."""
    heads = [_("Name"), _("Log-in name"), _("Account"), _("Role"), _("For"), _("Code"), _("Since"), _("Until"),
             _("State")]  # fmt: skip
    return download(write_csv(heads, people_rows(list_people(_filter().wanted, today()), today())), "text/csv",
                    "people.csv")  # fmt: skip


def _filter() -> PeopleFilterForm:
    return PeopleFilterForm(request.args).offer(list_communities())


def _may_write() -> bool:
    return not only_reads(current_actor())


@bp.route("/bureau/people/invite", methods=["GET", "POST"])
@allow(Role.BUREAU)
def invite() -> Any:
    """Add somebody with a first role, and show the link to hand over."""
    form = InviteForm(starts_on=today())
    form.explain()
    if form.validate_on_submit():
        try:
            granted = _invite(form)
        except DomainError as error:
            _tell(form, error)
        else:
            return _show_link(granted.user, granted.change)
    return _shown("accounts/invite.html", form)


def _invite(form: InviteForm) -> Grant:
    user = add_invited_user(str(form.username.data), str(form.name.data), current_actor(), now())
    return _grant(user, form, ChangeKind.INVITED)


def _grant(user: User, form: GrantForm, kind: ChangeKind = ChangeKind.GRANTED) -> Grant:
    role = Role(form.role.data)
    scope_id = settle_place(role, form.scope.data or "", form.chosen.data or "")
    first = form.starts_on.data or today()
    return grant_role(user, role, scope_id, first, form.ends_on.data, current_actor(), now(), kind)


def _tell(form: PageForm, error: DomainError) -> None:
    """Put an error beside its field, and offer the places where several match."""
    db.session.rollback()
    if isinstance(error, Unclear) and isinstance(form, GrantForm):
        form.offer(error.places)
    if isinstance(error, Refused):  # nothing in the form can be corrected
        raise error
    form.refuse(error)


def _shown(template: str, form: PageForm, **values: Any) -> tuple[str, int]:
    return render_template(template, form=form, **values), 422 if form.errors else 200


def _show_link(user: User, change: AccessChange | None = None) -> tuple[str, int, dict[str, str]]:
    """The page with the link. It is the POST's own response, with no redirect: the link exists nowhere else."""
    token = issue_invitation(user, current_actor(), now(), change)
    waits = user.invitation is not None and user.invitation.change.is_waiting
    name, username, user_id = user.name, user.username, user.id
    db.session.commit()
    link = f"{current_app.config['BASE_URL'].rstrip('/')}{url_for('own_account.invitation', token=token)}"
    page = render_template(
        "accounts/invited.html",
        name=name,
        username=username,
        user_id=user_id,
        link=link,
        until=now() + VALID,
        waits=waits,
    )
    return page, 200, {"Cache-Control": "no-store"}


@bp.get("/bureau/people/<int:user_id>")
@allow(Role.BUREAU, Role.AUDITOR)
def person(user_id: int) -> str:
    """One person: roles, sessions, what was recorded, and what can be done."""
    user = get_user(user_id)
    return render_template(
        "accounts/person.html",
        person=user,
        itself=user.id == current_actor().user_id,
        sessions=list_sessions(user, now()),
        events=list_events_about(user),
        may_write=_may_write(),
        moment_now=now(),
    )


@bp.post("/bureau/people/<int:user_id>/invitation")
@allow(Role.BUREAU)
def invite_again(user_id: int) -> Any:
    """A new link for somebody whose link was lost or has expired, or who forgot the password."""
    return _show_link(get_user(user_id))


@bp.route("/bureau/people/<int:user_id>/grant", methods=["GET", "POST"])
@allow(Role.BUREAU)
def grant(user_id: int) -> Any:
    """Grant another role."""
    user = get_user(user_id)
    form = GrantForm(starts_on=today())
    form.explain()
    if form.validate_on_submit():
        try:
            waits = _grant(user, form).is_waiting
        except DomainError as error:
            _tell(form, error)
        else:
            waiting = _("The role is granted. It works once another person of the bureau has confirmed it.")
            return _back_to(user_id, waiting if waits else _("The role is granted."))
    return _shown("accounts/grant.html", form, person=get_user(user_id))


def _back_to(user_id: int, message: str) -> Any:
    db.session.commit()
    flash(message, "success")
    return redirect(url_for("people.person", user_id=user_id), 303)


@bp.route("/bureau/people/<int:user_id>/grants/<int:grant_id>/end", methods=["GET", "POST"])
@allow(Role.BUREAU)
def end(user_id: int, grant_id: int) -> Any:
    """End a role, at once or with a day, for a reason."""
    found = get_grant(get_user(user_id), grant_id)
    form = EndGrantForm()
    if form.validate_on_submit():
        last_day = form.day.data if form.when.data == "day" else None
        try:
            end_grant(found, last_day, str(form.reason.data), current_actor(), now())
        except DomainError as error:
            _tell(form, error)
        else:
            return _back_to(user_id, _("The role is ended."))
    user = get_user(user_id)
    return _shown("accounts/end_grant.html", form, person=user, grant=get_grant(user, grant_id))


@bp.route("/bureau/people/<int:user_id>/deactivate", methods=["GET", "POST"])
@allow(Role.BUREAU)
def deactivate(user_id: int) -> Any:
    """Stop somebody signing in, for a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        deactivate_user(get_user(user_id), str(form.reason.data), current_actor(), now())
        return _back_to(user_id, _("The account is deactivated, and every session of it has ended."))
    return _shown("accounts/deactivate.html", form, person=get_user(user_id))


@bp.route("/bureau/people/<int:user_id>/reactivate", methods=["GET", "POST"])
@allow(Role.BUREAU)
def reactivate(user_id: int) -> Any:
    """Let somebody sign in again, for a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        reactivate_user(get_user(user_id), str(form.reason.data), current_actor(), now())
        return _back_to(user_id, _("The account is active again."))
    return _shown("accounts/reactivate.html", form, person=get_user(user_id))


@bp.post("/bureau/people/<int:user_id>/sessions/end")
@allow(Role.BUREAU)
def end_all_sessions(user_id: int) -> Any:
    """Sign somebody out everywhere."""
    end_sessions(get_user(user_id), current_actor(), now())
    return _back_to(user_id, _("Every session has ended."))
