"""One person who schemes, and others who are honest, at the bureau's accounts: what of it that person ends up with.

The schemer keeps every link that one of their accounts makes, and opens it as soon as it works. The honest confirm any
role whatever, but a link only where somebody else than the schemer made it: that is what they are asked to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from rating.access import SYSTEM, Role
from rating.accounts.granting import end_grant, grant_role
from rating.accounts.invitations import accept_invitation, issue_invitation
from rating.accounts.models import AccessChange, ChangeKind, User
from rating.accounts.second_person import confirm_changes
from rating.accounts.service import add_invited_user, add_user
from rating.errors import DomainError
from rating.extensions import db
from rating.registry.models import Estate, Subdistrict
from tests.factories import PASSWORD, TODAY
from tests.support.clock import START

ROLES = (Role.BUREAU, Role.SUBDISTRICT, Role.COMMITTEE)
SEEDS = 3  # the schemer's account first
KINDS = ("invite", "grant", "link", "confirm", "end")
Step = tuple[str, int, int, int]  # what, which account does it, to which account or with which change, which role


@dataclass
class Bureau:
    """The accounts in the order in which they came, and which of them the schemer has."""

    subdistrict: Subdistrict
    estate: Estate
    users: list[User] = field(default_factory=list)
    schemers: set[int] = field(default_factory=set)
    kept_links: dict[int, tuple[str, int]] = field(default_factory=dict)  # user: the newest link, and who made it

    def begin(self) -> None:
        """Accounts that the server's command line makes."""
        for number in range(SEEDS):
            user = add_user(f"seed{number}", f"seed {number}", PASSWORD, SYSTEM, START)
            grant_role(user, Role.BUREAU, None, TODAY, None, SYSTEM, START)
            self.users.append(user)
        self.schemers.add(self.users[0].id)

    def play(self, steps: Iterable[Step]) -> None:
        """Take each step as far as the rules let it go; then everybody opens the links that work."""
        for kind, first, second, role in steps:
            try:
                with db.session.begin_nested():
                    getattr(self, f"_{kind}")(self._user(first), second, ROLES[role % len(ROLES)])
            except DomainError:
                db.session.expire_all()
            self._open_links()

    def both_signatures(self, two: object) -> list[tuple[int, int]]:
        """Pairs of the schemer's accounts that work for the bureau and that `two(one, other)` takes for two people."""
        assert callable(two)
        mine = [one.id for one in self.users if one.id in self.schemers and one.actor(TODAY).has(Role.BUREAU)]
        return [(one, other) for one in mine for other in mine if one < other and two(one, other)]

    def count_of_bureau(self) -> int:
        """How many of the schemer's accounts work for the bureau."""
        return sum(one.id in self.schemers and one.actor(TODAY).has(Role.BUREAU) for one in self.users)

    # ---- the steps

    def _user(self, number: int) -> User:
        return self.users[number % len(self.users)]

    def _scope(self, role: Role) -> int | None:
        return {Role.SUBDISTRICT: self.subdistrict.id, Role.COMMITTEE: self.estate.id}.get(role)

    def _invite(self, giver: User, _second: int, role: Role) -> None:
        actor, number = giver.actor(TODAY), len(self.users)
        user = add_invited_user(f"person{number}", f"person {number}", actor, START)
        grant = grant_role(user, role, self._scope(role), TODAY, None, actor, START, ChangeKind.INVITED)
        token = issue_invitation(user, actor, START, grant.change)
        self.users.append(user)
        self.kept_links[user.id] = token, giver.id

    def _grant(self, giver: User, second: int, role: Role) -> None:
        grant_role(self._user(second), role, self._scope(role), TODAY, None, giver.actor(TODAY), START)

    def _link(self, giver: User, second: int, _role: Role) -> None:
        user = self._user(second)
        self.kept_links[user.id] = issue_invitation(user, giver.actor(TODAY), START), giver.id

    def _end(self, giver: User, second: int, _role: Role) -> None:
        user = self._user(second)
        grant = next((one for one in user.grants if not one.is_over(TODAY)), None)
        if grant is not None:
            end_grant(grant, None, "moved", giver.actor(TODAY), START)

    def _confirm(self, confirmer: User, second: int, _role: Role) -> None:
        open_ones = db.session.query(AccessChange).filter(
            AccessChange.decision.is_(None), AccessChange.given_by.is_not(None)
        )
        changes = [one for one in open_ones.order_by(AccessChange.id) if one.kind in GIVEN]
        if not changes:
            return
        change = changes[second % len(changes)]
        if confirmer.id in self.schemers or change.kind is ChangeKind.GRANTED or change.given_by not in self.schemers:
            confirm_changes([change.id], confirmer.actor(TODAY), START + timedelta(seconds=1))

    def _open_links(self) -> None:
        for user_id, (token, maker) in list(self.kept_links.items()):
            try:
                with db.session.begin_nested():
                    accept_invitation(token, PASSWORD, START + timedelta(seconds=2))
            except DomainError:
                continue
            del self.kept_links[user_id]
            # Whoever opens the link has the account; an honest maker has handed it to the person it is for.
            if maker in self.schemers:
                self.schemers.add(user_id)


GIVEN = (ChangeKind.INVITED, ChangeKind.GRANTED, ChangeKind.LINKED)
