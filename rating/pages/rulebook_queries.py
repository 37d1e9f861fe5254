"""Which rounds use which rulebook."""

from __future__ import annotations

from rating.rounds.models import Round
from rating.rounds.queries import list_rounds


def list_rounds_by_rulebook() -> dict[int, list[Round]]:
    """The rounds of each rulebook by its id, the latest first; one that no round uses is not in it."""
    found: dict[int, list[Round]] = {}
    for round_ in list_rounds():
        found.setdefault(round_.rulebook_id, []).append(round_)
    return found
