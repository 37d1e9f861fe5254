"""Are these really two people? The one place that decides it, from what was given to accounts and who confirmed it.

Whoever gives somebody an account, a role or a link could keep the link, and be both. So behind an account are its
owner, whoever gave it anything that no third person has confirmed, whoever gave such a thing to that one, and so on.
Two accounts are two people where nobody is behind both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select

from rating.accounts.models import AccessChange, User
from rating.accounts.queries import list_bureau, on_one_word
from rating.errors import Refused
from rating.extensions import db
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True)
class Tie:
    """Why `mine` and `other` may be one person: `behind` is behind both, and may be one of them."""

    mine: int
    other: int
    behind: int

    @property
    def is_same(self) -> bool:
        """Whether it is one account."""
        return self.mine == self.other


def find_tie(mine: int, others: Iterable[int]) -> Tie | None:
    """The first of these accounts that may belong to the same person as `mine`; None where all are somebody else's."""
    others = list(dict.fromkeys(others))
    behind = hands_behind([mine, *others])
    for other in others:
        if common := behind[mine] & behind[other]:
            return Tie(mine, other, next((one for one in (other, mine) if one in common), min(common)))
    return None


def hands_behind(ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Who is behind each of these accounts: itself, and every account whose owner could have it."""
    givers: dict[int, set[int]] = {}
    unknown = set(ids)
    while unknown:
        found = _pairs(AccessChange.user_id.in_(unknown))
        for one in unknown:
            givers[one] = {giver for receiver, giver in found if receiver == one}
        unknown = set().union(*(givers[one] for one in unknown)) - givers.keys()
    return {one: frozenset(_closure({one}, givers)) for one in ids}


def list_same_hands(user_id: int) -> frozenset[int]:
    """Every account that may belong to the same person as this one, including itself."""
    receivers: dict[int, set[int]] = {}
    unknown = set(hands_behind([user_id])[user_id])
    roots = set(unknown)
    while unknown:
        found = _pairs(AccessChange.given_by.in_(unknown))
        for one in unknown:
            receivers[one] = {receiver for receiver, giver in found if giver == one}
        unknown = set().union(*(receivers[one] for one in unknown)) - receivers.keys()
    return frozenset(_closure(roots, receivers))


def _pairs(which: ColumnElement[bool]) -> list[tuple[int, int]]:
    """(who was given something, who gave it) wherever no third person confirmed it."""
    statement = select(AccessChange.user_id, AccessChange.given_by).where(which, on_one_word()).distinct()
    return [(user_id, giver) for user_id, giver in db.session.execute(statement) if giver is not None]


def _closure(start: set[int], steps: Mapping[int, set[int]]) -> set[int]:
    reached, ahead = set(start), set(start)
    while ahead:
        ahead = set().union(*(steps.get(one, set()) for one in ahead)) - reached
        reached |= ahead
    return reached


# ---- saying so


def require_two_people(mine: int, others: Iterable[int], same: Message, day: date) -> None:
    """Raise Refused unless this account's owner is none of the others'; `same` is the message where it is one of them.

    The refusal says why, and who could do it instead.
    """
    others = list(others)
    if (tie := find_tie(mine, others)) is not None:
        raise Refused(explain_tie(tie, same, list_others(others, day)))


def list_others(ids: Collection[int], day: date) -> list[User]:
    """The bureau's people of a day who are really none of these."""
    people = list_bureau(day)
    behind = hands_behind([*(one.id for one in people), *ids])
    taken = frozenset().union(*(behind[one] for one in ids))
    return [one for one in people if not behind[one.id] & taken]


def explain_tie(tie: Tie, same: Message, instead: list[User]) -> Message:
    """Why two accounts don't count as two people, and who of the bureau could do it instead."""
    return _l("%(why)s %(instead)s", why=same if tie.is_same else _why(tie), instead=_instead(instead, tie))


def _why(tie: Tie) -> Message:
    if tie.behind == tie.mine:
        return _l(
            "%(other)s has an account, a role or a link from you that no third person of the bureau has confirmed: "
            "you two don't count as two people.",
            other=_name(tie.other),
        )
    if tie.behind == tie.other:
        return _l(
            "You have your account, a role or a link from %(other)s, and no third person of the bureau has confirmed "
            "it: you two don't count as two people.",
            other=_name(tie.other),
        )
    return _l(
        "You and %(other)s both have an account, a role or a link from %(behind)s that no third person of the bureau "
        "has confirmed: you two don't count as two people.",
        other=_name(tie.other),
        behind=_name(tie.behind),
    )


def _instead(people: list[User], tie: Tie) -> Message:
    names = ", ".join(one.name for one in people if one.id != tie.mine)
    if names and tie.is_same:
        return _l("Of the bureau, these could: %(names)s.", names=names)
    if names:
        return _l(
            "Of the bureau, these could instead: %(names)s. A third person can also confirm what was given, on the "
            "page of people.",
            names=names,
        )
    return _l(
        "Nobody else of the bureau could now. A third person of the bureau can confirm what was given, on the page of "
        "people; where there is none, one is added on the server's command line."
    )


def _name(user_id: int) -> str:
    return db.session.get_one(User, user_id).name
