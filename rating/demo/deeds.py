"""What became of the demonstration's commitments: reported, looked at, found done or not, each on its day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from rating.calendar import day_of
from rating.cases.commitment_rules import Finding, Promise, earliest_reinspection
from rating.cases.commitment_service import reinspect_commitment, report_commitment_done
from rating.cases.models import Commitment, Party
from rating.demo.agenda import Agenda
from rating.demo.courses import WORDS, End, Template
from rating.demo.people import People
from rating.demo.timeline import at
from rating.registry.models import Estate

_SHARE_OF_TIME = 0.85  # of the days until the deadline, after which somebody reports that it is done
_ONCE_MORE = timedelta(days=9)  # from being found undone to the next report
_DAY = timedelta(days=1)


class Deeds:
    """Puts what becomes of a commitment on the agenda."""

    def __init__(self, agenda: Agenda, people: People) -> None:
        self._agenda, self._people = agenda, people
        self._handed_over: Counter[Party] = Counter()

    def promise(self, template: Template, estate: Estate) -> Promise:
        """A commitment about an estate, as it is recorded at the talk."""
        self._handed_over[template.party] += 1
        number = f"住建转{self._handed_over[template.party]}号" if template.party is Party.HANDED_OVER else ""
        return Promise(
            party=template.party,
            owner_post=template.post,
            kind=template.kind,
            problem=template.problem,
            measure=template.measure,
            estate=estate,
            indicator=template.indicator,
            interim=template.interim,
            handed_over_to=template.handed_over_to,
            handed_over_number=number,
        )

    def follow(self, commitment: Commitment, template: Template, end: End) -> None:
        """Report it done shortly before its deadline, and look at it, if that is how it goes on."""
        if end is not End.NOTHING:
            done_on = commitment.made_on + (commitment.due_on - commitment.made_on) * _SHARE_OF_TIME
            self._agenda.at(at(done_on, 18), partial(self._report, commitment, template, end))

    def _report(self, commitment: Commitment, template: Template, end: End, now: datetime) -> None:
        day = day_of(now)
        report_commitment_done(commitment, day, template.evidence, self._people.drafter.actor(day), now)
        if end is not End.REPORTED:
            looked_on = earliest_reinspection(commitment) + _DAY
            self._agenda.at(at(looked_on), partial(self._look, commitment, template, end))

    def _look(self, commitment: Commitment, template: Template, end: End, now: datetime) -> None:
        passed, day = end is End.VERIFIED, day_of(now)
        findings = WORDS["done" if passed else "undone"]
        finding = Finding(inspected_on=day, inspector_post="住建局复查员", passed=passed, findings=findings)
        reinspect_commitment(commitment, finding, self._people.inspector.actor(day), now)
        if end is End.VERIFIED_AT_LAST:
            self._agenda.at(now + _ONCE_MORE, partial(self._report, commitment, template, End.VERIFIED))
