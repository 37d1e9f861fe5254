"""Whether two accounts are those of two people, as the rule for lists of accounts says of two."""

from __future__ import annotations

from rating.accounts.two_people import find_tie


def are_two_people(mine: int, other: int) -> bool:
    """Whether nobody could hold both accounts."""
    return find_tie(mine, [other]) is None
