"""An explanation in the words of its rulebook, as the public page and the company's preview show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rating.explanations.reasons import Explanation, explain_company
from rating.explanations.wording import tell_change, tell_fragility, tell_peers
from rating.registry.queries import list_names
from rating.results.models import StoredScorecard
from rating.rulebooks.content import Text
from rating.scoring import Direction
from rating.wording import Message


@dataclass(frozen=True, slots=True)
class Told:
    """What is shown beside a score, in sentences; `texts` are the indicators' by direction and key."""

    explanation: Explanation
    change: Message | None
    fragility: list[Message]
    peers: Message | None
    texts: Mapping[Direction, Mapping[str, Text]]


def tell_company(stored: StoredScorecard, company_code: str) -> Told | None:
    """All that the page says of a company's result; None where nothing may be shown."""
    if (found := explain_company(stored, company_code)) is None:
        return None
    fragile = found.fragility
    estates = [case.estate for case in fragile.failing if case.estate] if fragile else []
    return Told(
        explanation=found,
        change=tell_change(found.change) if found.change else None,
        fragility=tell_fragility(fragile, list_names(estates)) if fragile else [],
        peers=tell_peers(found.peers) if found.peers else None,
        texts={
            direction: {one.key: one.text for one in asked.indicators}
            for direction, asked in stored.round.rulebook.content.questionnaires.items()
        },
    )
