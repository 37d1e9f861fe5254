"""Handing in everybody's forms of a round, each checked as a form on a page is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from rating.access import Actor, Granted, Role
from rating.demo.opinions import ABSENT, Opinions
from rating.demo.reasons import explain
from rating.demo.timeline import OPEN_DAYS
from rating.errors import Invalid
from rating.evaluations.models import Channel
from rating.evaluations.service import Filled, accept_in_bulk, check_answers, dispute_participation
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction
from rating.sheets.service import submit_body_evaluation

NOTE = "扣分地点和原因见现场记录。"
_AT_ONCE = 40  # estates to a transaction


def hand_in(rated: Sequence[RatedEstate], ballots: Ballots, silent: Collection[str] = ()) -> None:
    """Everybody's forms, estate by estate; the bodies of the `silent` estates still have theirs."""
    for place, estate in enumerate(rated, start=1):
        ballots.of_residents(estate)
        if estate.estate.code not in silent:
            ballots.of_bodies(estate)
        if place % _AT_ONCE == 0:
            db.session.commit()
    db.session.commit()


def dispute(rated: Sequence[RatedEstate]) -> None:
    """On one estate in two dozen, one to three households say that it was not they who answered."""
    for place, estate in enumerate(rated[23::24]):
        for _ in range(1 + place % 3):
            dispute_participation(estate.id)
    db.session.commit()


class Ballots:
    """The forms of one round, of its first `days` days; a `share` of the residents has answered by then.

    On the `explained` estates each deduction on site has its reason.
    """

    def __init__(
        self, round_: Round, opinions: Opinions, explained: Collection[str], days: int = OPEN_DAYS, share: float = 1.0
    ) -> None:
        self._round, self._opinions, self._explained = round_, opinions, explained
        self._days, self._share = days, share
        self._content = round_.rulebook.content
        self._least = self._content.rules().min_marked_share

    def of_residents(self, estate: RatedEstate) -> None:
        """All residents' forms of one estate."""
        accept_in_bulk(estate, list(self._resident_forms(estate)), Channel.OWN)

    def of_bodies(self, estate: RatedEstate) -> None:
        """The bodies' forms of one estate; one with too few marks is returned to its body and stays there."""
        day = self._round.opens_on + timedelta(days=5)
        for direction, answers, note, actor in self._body_forms(estate):
            sheet = self._content.questionnaire(direction)
            given = {key: "absent" if mark is None else mark for key, mark in answers.items()}
            try:
                filled = check_answers(sheet, given, note, self._least)
            except Invalid:
                continue
            is_explained = direction is Direction.COMMITTEE_TO_COMPANY and estate.estate.code in self._explained
            deductions = explain(sheet, given, estate.estate.name, day) if is_explained else ()
            submit_body_evaluation(estate, direction, filled, actor, day, deductions)

    def _resident_forms(self, estate: RatedEstate) -> Iterator[tuple[Filled, date]]:
        sheet = self._content.questionnaire(Direction.RESIDENT_TO_COMPANY)
        code, number = estate.estate.code, self._round.number
        n = int(self._opinions.turnout.answers(code, number) * self._share)
        marks = self._opinions.residents.marks(code, number, n)
        comments = self._opinions.residents.comments(code, number, marks)
        rng = np.random.default_rng([self._opinions.seed, number, estate.id])
        offsets = self._opinions.turnout.days(n, self._days, rng)
        for row, comment, offset in zip(marks.tolist(), comments, offsets.tolist(), strict=True):
            filled = check_answers(sheet, _resident_answers(sheet, row), comment or "", self._least)
            yield filled, self._round.opens_on + timedelta(days=offset)

    def _body_forms(self, estate: RatedEstate) -> Iterator[tuple[Direction, Mapping[str, int | None], str, Actor]]:
        code, number, bodies = estate.estate.code, self._round.number, self._opinions.bodies
        roles = {"committee": (Role.COMMITTEE, estate.estate_id), "community": (Role.COMMUNITY, estate.community_id)}
        for rater in bodies.raters(code, number):
            marks = bodies.on_site_marks(code, rater, number)
            yield Direction.COMMITTEE_TO_COMPANY, marks, NOTE, _member(*roles[rater])
        company = _member(Role.COMPANY, estate.company_id)
        facts = bodies.cooperation_facts(code, number) or ""
        yield Direction.COMPANY_TO_COMMITTEE, bodies.cooperation_marks(code, number), facts, company
        yield Direction.COMPANY_SELF, bodies.on_site_marks(code, "company", number), NOTE, company


def _member(role: Role, scope_id: int) -> Actor:
    """A member of a body who has no account in the demonstration."""
    return Actor(None, role.value, (Granted(role, scope_id),))


def _resident_answers(sheet: Questionnaire, row: Sequence[int]) -> dict[str, Any]:
    """A row of marks as answers: below 1 stands for an answer without a mark."""
    return {
        indicator.key: mark if mark > 0 else ("absent" if mark == ABSENT else "unknown")
        for indicator, mark in zip(sheet.indicators, row, strict=True)
    }
