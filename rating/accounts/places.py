"""Which place is meant by a code or a part of a name."""

from __future__ import annotations

from collections.abc import Sequence

from rating.access import SCOPE_OF_ROLE, Role, ScopeKind
from rating.accounts.queries import Place, list_places
from rating.errors import Invalid
from rating.wording import Message, _l

MOST = 20


class Unclear(Invalid):
    """Several places match; one of `places` is meant."""

    def __init__(self, message: Message, places: Sequence[Place]) -> None:
        super().__init__(message, field="scope")
        self.places = places


def settle_place(role: Role, words: str, chosen: str) -> int | None:
    """The id of the place that a role is granted on; None for the city's roles.

    `words` are a code or a part of a name, `chosen` is the code of one of the places that were offered for them.
    Raises Invalid, and Unclear with the places to choose from.
    """
    kind = SCOPE_OF_ROLE[role]
    words = " ".join(words.split())
    if kind is ScopeKind.CITY:
        if words:
            raise Invalid(_l("This role is for the whole city. Leave this field empty, or choose another role."),
                          field="scope")  # fmt: skip
        return None
    if not words:
        raise Invalid(_l("This role is for one place or company only: write its code or its name."), field="scope")
    found = list_places(kind, words, MOST + 1)
    meant = [place for place in found if place.code == chosen]
    if meant or (len(found) == 1 and words.casefold() in (found[0].code.casefold(), found[0].name.casefold())):
        return (meant or found)[0].id
    if not found:
        raise Invalid(_l("Nothing in the register has this code or name."), field="scope")
    if len(found) > MOST:
        raise Invalid(_l("More than %(n)s match. Type more of the name, or the code.", n=MOST), field="scope")
    raise Unclear(_l("Choose below which one you mean."), found)
