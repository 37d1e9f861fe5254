"""rating user …: the first accounts. What is made here counts as given by nobody, and the whole bureau is notified."""

from __future__ import annotations

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from rating.access import OFFERED_ROLES, SCOPE_OF_ROLE, SYSTEM, Role, ScopeKind
from rating.accounts.granting import grant_role
from rating.accounts.invitations import issue_invitation
from rating.accounts.models import ChangeKind, User
from rating.accounts.queries import PLACES
from rating.accounts.service import add_user
from rating.extensions import db
from rating.web.request import now, today


@click.group("user", cls=AppGroup)
def user_group() -> None:
    """Add people who sign in."""


@user_group.command("add")
@click.argument("username")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in OFFERED_ROLES]), required=True)
@click.option("--scope", default="", help="The code of the sub-district, community, estate or company.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The role's last day; a helper needs one.")
@click.password_option(help="Asked for when it isn't given.")
def add(username: str, name: str, role: str, scope: str, until: datetime | None, password: str) -> None:
    """Add a person with one role; without --scope only the city's roles (bureau, auditor)."""
    granted = Role(role)
    scope_id = _scope_id(granted, scope)
    user = add_user(username, name, password, SYSTEM, now())
    until_day = until.date() if until else None
    grant_role(user, granted, scope_id, today(), until_day, SYSTEM, now(), ChangeKind.ADDED)
    db.session.commit()
    click.echo(f"{username} can sign in as {role}{' of ' + scope if scope else ''}.")


@user_group.command("link")
@click.argument("username")
def link(username: str) -> None:
    """Make a link to set a new password with; for the bureau's people and auditors this is the only way."""
    user = db.session.scalar(select(User).where(User.username == username))
    if user is None:
        raise click.UsageError(f"there is no {username}")
    token = issue_invitation(user, SYSTEM, now())
    db.session.commit()
    click.echo(f"{current_app.config['BASE_URL'].rstrip('/')}/invitations/{token}")


def _scope_id(role: Role, code: str) -> int | None:
    kind = SCOPE_OF_ROLE[role]
    if kind is ScopeKind.CITY:
        if code:
            raise click.UsageError(f"the role {role} has no scope")
        return None
    if not code:
        raise click.UsageError(f"the role {role} needs --scope, the code of a {kind}")
    found = db.session.scalar(select(PLACES[kind].id).where(PLACES[kind].code == code))
    if found is None:
        raise click.UsageError(f"there is no {kind} with the code {code}")
    return found
