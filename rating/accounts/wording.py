"""Roles, scopes and states of people in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from flask_babel import gettext as _, lazy_gettext as _t

from rating.access import SCOPE_OF_ROLE, Role, ScopeKind
from rating.accounts.models import AccessChange, ChangeDecision, ChangeKind, Grant, User
from rating.accounts.queries import Place
from rating.calendar import day_of
from rating.registry.models import Community, Estate
from rating.web.language import moment

ROLES = {
    Role.BUREAU: _t("Housing bureau"),
    Role.SUBDISTRICT: _t("Sub-district office"),
    Role.COMMUNITY: _t("Community worker"),
    Role.COMMITTEE: _t("Committee member"),
    Role.COMPANY: _t("Company’s clerk"),
    Role.REVIEWER: _t("Reviewer"),
    Role.HELPER: _t("Helper"),
    Role.AUDITOR: _t("Auditor"),
}

# What each may do, and what it is granted on; shown beside the role where one is chosen.
ROLES_EXPLAINED = {
    Role.BUREAU: _t("the whole city: register, rulebooks, rounds, releases, people"),
    Role.SUBDISTRICT: _t("one sub-district: turnout, talks and re-inspections"),
    Role.COMMUNITY: _t("one community: rates its estates on site, hands out letters, signs results"),
    Role.COMMITTEE: _t("one estate: rates it on site, signs its result"),
    Role.COMPANY: _t("one company: rates committees and itself, sees its preview"),
    Role.REVIEWER: _t("their own community: decides about flagged evaluations of all others"),
    Role.HELPER: _t("one estate, until a last day: fills in for residents at the door"),
    Role.AUDITOR: _t("the whole city: sees everything, changes nothing, has no other role"),
}

KINDS = {
    ScopeKind.CITY: _t("the whole city"),
    ScopeKind.SUBDISTRICT: _t("sub-district"),
    ScopeKind.COMMUNITY: _t("community"),
    ScopeKind.ESTATE: _t("estate"),
    ScopeKind.COMPANY: _t("company"),
}


def role_name(role: Role | str) -> str:
    """A role in words."""
    return str(ROLES[Role(role)])


def scope_name(grant: Grant) -> str:
    """What a grant reaches to, in words."""
    return grant.scope.name if grant.scope else str(KINDS[SCOPE_OF_ROLE[grant.role]])


def place_name(place: Place) -> str:
    """A place with its code and where it is, so that two of the same name can be told apart."""
    parts = [place.name, place.code]
    if isinstance(place, Estate):
        parts += [place.community.name, place.community.subdistrict.name]
    if isinstance(place, Community):
        parts.append(place.subdistrict.name)
    return " · ".join(parts)


def grant_state(grant: Grant, today: date) -> tuple[str, str]:
    """(tone, word) of a grant."""
    if grant.is_over(today):
        return "neutral", str(_("Ended"))
    if grant.is_waiting:
        return "waiting", str(_("Waits for a second person"))
    if not grant.has_begun(today):
        return "waiting", str(_("Not begun"))
    return "good", str(_("In force"))


def user_state(user: User) -> tuple[str, str]:
    """(tone, word) of a person's account."""
    if not user.active:
        return "neutral", str(_("Deactivated"))
    if not user.password and user.invitation is not None and user.invitation.change.is_waiting:
        return "waiting", str(_("Invited, waiting for a second person"))
    if not user.password:
        return "waiting", str(_("Invited, no password yet"))
    return "good", str(_("Active"))


# What was done, by its kind; a role and its place follow where there is one.
CHANGES = {
    ChangeKind.ADDED: _t("new account"),
    ChangeKind.INVITED: _t("new account, with its link"),
    ChangeKind.GRANTED: _t("role"),
    ChangeKind.LINKED: _t("new link to set the password"),
    ChangeKind.ROLE_ENDED: _t("role ended"),
    ChangeKind.DEACTIVATED: _t("account deactivated"),
    ChangeKind.REACTIVATED: _t("account reactivated"),
}


def change_name(change: AccessChange) -> str:
    """What was done to an account: 'new account, with its link: Reviewer · Willow Court'."""
    words = str(CHANGES[change.kind])
    if change.role is None:
        return words
    return words + str(_(": ")) + " · ".join([role_name(change.role), *filter(None, [change.place])])


def said_change(change: AccessChange) -> str:
    """A change on one line for the bureau: whom it concerns, what it is, who did it and when."""
    giver = change.giver.name if change.giver else str(_("the server’s command line"))
    return str(
        _(
            "%(name)s (%(username)s): %(what)s, by %(giver)s, %(when)s",
            name=change.user.name,
            username=change.user.username,
            what=change_name(change),
            giver=giver,
            when=moment(change.given_at),
        )
    )


def told_change(change: AccessChange, user_id: int) -> str:
    """A change on one line for whoever is notified of it: to their own account, or made on the server."""
    values = {"what": change_name(change), "when": moment(change.given_at), "by": _by_whom(change)}
    if change.user_id == user_id:
        return str(_("Your account: %(what)s. %(when)s, by %(by)s.", **values))
    values |= {"name": change.user.name, "username": change.user.username}
    return str(_("%(name)s (%(username)s): %(what)s. %(when)s, by %(by)s.", **values))


def _by_whom(change: AccessChange) -> str:
    """Who did it, by the name of their role."""
    if change.given_by is None:
        return str(_("the server’s command line"))
    if change.is_waiting:
        return str(_("the housing bureau; it is waiting for a second person there"))
    if change.decision is ChangeDecision.CONFIRMED:
        return str(_("the housing bureau, confirmed by a second person there"))
    if change.decision is ChangeDecision.REFUSED:
        return str(_("the housing bureau, refused by a second person there"))
    return str(_("the housing bureau"))


def people_rows(people: Iterable[User], today: date) -> Iterator[list[str]]:
    """People as rows of a table, one for each role; whoever has none has one row."""
    for user in people:
        account = [user.name, user.username, user_state(user)[1]]
        if not user.grants:
            yield [*account, "", "", "", "", "", ""]
        for grant in user.grants:
            until = day_of(grant.ended_at) if grant.ended_at else grant.ends_on
            yield [
                *account,
                role_name(grant.role),
                scope_name(grant),
                grant.scope.code if grant.scope else "",
                grant.starts_on.isoformat(),
                until.isoformat() if until else "",
                grant_state(grant, today)[1],
            ]
