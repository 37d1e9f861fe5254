"""What is still to come: actions with their moments, done in the order of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Action = Callable[[datetime], None]


class Agenda:
    """Actions waiting for their time; an action may put others on the agenda."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Action]] = []
        self._order = count()

    def at(self, moment: datetime, action: Action) -> None:
        """Put an action on the agenda; of those at the same moment the first one added is done first."""
        heappush(self._waiting, (moment, next(self._order), action))

    def run(self, until: datetime) -> None:
        """Run all that are due by then."""
        while self._waiting and self._waiting[0][0] <= until:
            moment, _, action = heappop(self._waiting)
            action(moment)
