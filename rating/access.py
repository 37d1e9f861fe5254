"""Who may do what: roles on scopes, the Actor that services take, and the rule that each endpoint declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from rating.errors import Refused
from rating.wording import _l

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """The roles (docs/operating.md, 'Roles'); a grant gives one on a scope."""

    BUREAU = "bureau"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    COMMITTEE = "committee"
    COMPANY = "company"
    REVIEWER = "reviewer"
    HELPER = "helper"
    AUDITOR = "auditor"


# Whom somebody can be made: a helper has no desk yet.
OFFERED_ROLES = tuple(role for role in Role if role is not Role.HELPER)


class ScopeKind(StrEnum):
    """What a grant reaches to."""

    CITY = "city"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    ESTATE = "estate"
    COMPANY = "company"


SCOPE_OF_ROLE = {
    Role.BUREAU: ScopeKind.CITY,
    Role.AUDITOR: ScopeKind.CITY,
    Role.SUBDISTRICT: ScopeKind.SUBDISTRICT,
    Role.COMMUNITY: ScopeKind.COMMUNITY,
    Role.REVIEWER: ScopeKind.COMMUNITY,
    Role.COMMITTEE: ScopeKind.ESTATE,
    Role.HELPER: ScopeKind.ESTATE,
    Role.COMPANY: ScopeKind.COMPANY,
}


@dataclass(frozen=True, slots=True)
class Granted:
    """One role on one scope; `scope_id` is None for the whole city."""

    role: Role
    scope_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Services take it as an argument, so they can be used without a request."""

    user_id: int | None
    name: str
    grants: tuple[Granted, ...] = field(default=())

    def has(self, *roles: Role) -> bool:
        """Whether the actor has one of these roles on any scope."""
        return any(grant.role in roles for grant in self.grants)

    def scope_ids(self, role: Role) -> frozenset[int]:
        """The ids of what this role reaches to (communities for `community`, estates for `committee`…)."""
        return frozenset(g.scope_id for g in self.grants if g.role is role and g.scope_id is not None)

    def require(self, *roles: Role) -> None:
        """Raise Refused unless the actor has one of these roles."""
        if not self.has(*roles):
            raise Refused(_l("Your account is not allowed to do this."))


SYSTEM = Actor(None, "system", (Granted(Role.BUREAU),))
ANONYMOUS = Actor(None, "")


@dataclass(frozen=True, slots=True)
class Rule:
    """The access rule of one endpoint."""

    name: str
    roles: frozenset[Role] = frozenset()
    public: bool = False
    writers_only: bool = True  # False: even those who only read may send this

    def permits(self, actor: Actor) -> bool:
        """Whether this actor may enter; what they see inside is a matter of scope."""
        if self.public:
            return True
        if actor.user_id is None:
            return False
        return not self.roles or actor.has(*self.roles)


PUBLIC = Rule("public", public=True)
SIGNED_IN = Rule("signed in")
OWN_ACCOUNT = Rule("own account", writers_only=False)  # signed in: one's own password and sessions
# Opening a sample of sealed rows and recording what was found: the one thing that an auditor does.
AUDITORS_OWN = Rule("auditor's own act", frozenset({Role.AUDITOR}), writers_only=False)


def rule_for(*roles: Role) -> Rule:
    """The rule that admits anybody with one of these roles."""
    return Rule(" | ".join(sorted(roles)), frozenset(roles))


def allow(*who: Rule | Role) -> Callable[[View], View]:
    """Declare a view's rule: `@allow(PUBLIC)`, SIGNED_IN, OWN_ACCOUNT, AUDITORS_OWN, or `@allow(Role.BUREAU, …)`."""
    rule = who[0] if isinstance(who[0], Rule) else rule_for(*(r for r in who if isinstance(r, Role)))

    def tag(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]  # a function carries its own rule
        return view

    return tag


# Endpoints of libraries, which cannot carry a decorator of ours.
LIBRARY_RULES = {
    "static": PUBLIC,
    "security.static": PUBLIC,
    "security.login": PUBLIC,
    "security.verify": SIGNED_IN,
    "security.logout": PUBLIC,
}


def rule_of(endpoint: str, view: Callable[..., Any]) -> Rule | None:
    """The rule that an endpoint declares; None if it declares none, which refuses everybody."""
    rule: Rule | None = getattr(view, "access_rule", None) or LIBRARY_RULES.get(endpoint)
    return rule
