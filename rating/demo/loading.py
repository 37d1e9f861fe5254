"""Loading the demonstration city through the services that people use; scores are never written, only computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from rating.access import SYSTEM, Actor, Granted, Role
from rating.demo.city import City, build_city
from rating.demo.opinions import ABSENT, Opinions
from rating.demo.people import People, add_people
from rating.demo.talks import hold_demo_talks
from rating.demo.timeline import Past, Present, at, half_year, past_round, present_round
from rating.errors import Invalid
from rating.evaluations.models import Channel
from rating.evaluations.service import Filled, accept_in_bulk, check_answers, submit_body_evaluation
from rating.extensions import db
from rating.followups.service import report_overdue_commitments
from rating.registry.importing import import_register
from rating.registry.models import Company, Estate
from rating.registry.queries import get_company, get_estate
from rating.registry.tables import Sheet
from rating.releases.service import draft_release, publish_release, remark, sign_off, start_preview
from rating.results.service import compute_scorecard
from rating.reviews.service import close_round
from rating.rounds.codes import grouped
from rating.rounds.models import RatedEstate, Round
from rating.rounds.queries import list_rated_estates
from rating.rounds.service import RoundPlan, draft_round, issue_codes, open_round
from rating.rulebooks.content import Questionnaire
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import load_default_rulebook
from rating.scoring import Direction

SEED = 2027
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a visitor needs: an estate to look at and a household code that nobody has used."""

    city: str
    city_en: str
    estate_code: str
    estate_name: str
    household_code: str


class Loader:
    """One loading of the city as it stands on `today`; commits after each step."""

    def __init__(self, today: date, key: bytes, say: Say) -> None:
        self.today = today
        self.key = key
        self.say = say
        self.city: City = build_city(today, SEED)
        self.opinions = Opinions(self.city, SEED)

    def load(self) -> Loaded:
        """The whole city: register, accounts, a published round with talks, an open round."""
        past, present = past_round(self.today), present_round(self.today)
        self.say(f"registering {len(self.city.estates)} estates and {len(self.city.companies)} companies")
        start = at(past.opens_on - timedelta(days=30))
        rulebook = load_default_rulebook(SYSTEM, start)
        import_register([Sheet.from_dicts(name, rows) for name, rows in self.city.sheets().items()], SYSTEM, start)
        estate, company = self._show_case()
        people = add_people(estate, company, past.opens_on - timedelta(days=30), start)
        db.session.commit()
        self._load_past(past, rulebook, people)
        return self._load_present(present, rulebook, estate)

    def _show_case(self) -> tuple[Estate, Company]:
        """The estate whose committee, community and company a visitor can be: middling in size, with a committee."""
        have = self.city.committee_by_estate
        fitting = [
            row.code
            for row in self.city.estates
            if row.code in have and row.code in self.city.company_of and 150 <= row.households_lived_in <= 400
        ]
        code = fitting[0]
        return get_estate(code), get_company(self.city.company_of[code])

    # ---- the round that was published

    def _load_past(self, past: Past, rulebook: Rulebook, people: People) -> None:
        round_ = self._draft(1, past, rulebook, past.opens_on - timedelta(days=10))
        rated = self._open(round_, past.opens_on - timedelta(days=7))
        self.say("round 1: residents, committees and companies rate")
        self._rate(rated, round_, 1, days=(past.closes_on - past.opens_on).days + 1, share=1.0)
        self.say("round 1: closing, computing, preview")
        drafter, signer = (user.actor(past.published_on) for user in (people.drafter, people.signer))
        computed = at(past.computed_on)
        close_round(round_, drafter, computed, today_is_past=True)
        compute_scorecard(round_, drafter, computed)
        start_preview(round_, drafter, computed)
        db.session.commit()
        self._sign_off(rated, past, people)
        draft = draft_release(round_, "", drafter, at(past.published_on, 9))
        db.session.commit()
        publish_release(draft, signer, at(past.published_on, 11))
        db.session.commit()
        self.say("round 1: published; talks and commitments")
        hold_demo_talks(round_, people, past.published_on, self.today)
        report_overdue_commitments(SYSTEM, at(self.today, 1))
        db.session.commit()

    def _sign_off(self, rated: Sequence[RatedEstate], past: Past, people: People) -> None:
        """Communities sign nine estates in ten and remark on a few; the rest stay silent."""
        day = past.computed_on + timedelta(days=4)
        for place, estate in enumerate(rated):
            actor = people.communities[estate.community_id].actor(day)
            if place % 60 == 59:
                remark(estate, "本期小区外墙维修施工,停车秩序受影响,请结合实际情况考虑。", actor, at(day))
            elif place % 10:
                sign_off(estate, actor, at(day))
        db.session.commit()

    # ---- the round that is open

    def _load_present(self, present: Present, rulebook: Rulebook, estate: Estate) -> Loaded:
        round_ = self._draft(2, present, rulebook, present.opens_on - timedelta(days=10))
        rated = self._open(round_, present.opens_on - timedelta(days=7))
        self.say("round 2: open, the first answers come in")
        days = (present.today - present.opens_on).days + 1
        self._rate(rated, round_, 2, days=days, share=0.55, spare=estate.code)
        mine = next(one for one in rated if one.estate_id == estate.id)
        codes = issue_codes(mine, self.key, SYSTEM, at(present.opens_on - timedelta(days=5)))
        db.session.commit()
        return Loaded(self.city.name, self.city.name_en, estate.code, estate.name, grouped(codes[-1]))

    # ---- steps of both

    def _draft(self, number: int, days: Past | Present, rulebook: Rulebook, on: date) -> Round:
        title_zh, title_en = half_year(days.rated_from, days.rated_to)
        plan = RoundPlan(
            title_zh=title_zh,
            title_en=title_en,
            opens_on=days.opens_on,
            closes_on=days.closes_on,
            rated_from=days.rated_from,
            rated_to=days.rated_to,
        )
        return draft_round(plan, rulebook, SYSTEM, at(on))

    def _open(self, round_: Round, on: date) -> list[RatedEstate]:
        open_round(round_, SYSTEM, at(on))
        db.session.commit()
        return list_rated_estates(round_)

    def _rate(
        self, rated: Sequence[RatedEstate], round_: Round, number: int, *, days: int, share: float, spare: str = ""
    ) -> None:
        """Everybody's forms of `days` days; a `share` of the residents, and no body of the `spare` estate."""
        for place, estate in enumerate(rated):
            forms = self._resident_forms(estate, round_, number, days, share)
            accept_in_bulk(estate, forms, Channel.OWN)
            if estate.estate.code != spare and (share == 1.0 or place % 2):
                self._hand_in(estate, round_, number)
            if place % 40 == 39:
                db.session.commit()
        db.session.commit()

    def _hand_in(self, estate: RatedEstate, round_: Round, number: int) -> None:
        """The bodies' forms of one estate; one with too few marks is returned to its body and stays there."""
        content = round_.rulebook.content
        for direction, answers, note, actor in self._body_forms(estate, number):
            try:
                filled = check_answers(
                    content.questionnaire(direction),
                    _no_mark_as_absent(answers),
                    note,
                    content.rules().min_marked_share,
                )
            except Invalid:
                continue
            submit_body_evaluation(estate, direction, filled, actor, round_.opens_on + timedelta(days=5))

    def _resident_forms(
        self, estate: RatedEstate, round_: Round, number: int, days: int, share: float
    ) -> Iterator[tuple[Filled, date]]:
        content = round_.rulebook.content
        sheet, least = content.questionnaire(Direction.RESIDENT_TO_COMPANY), content.rules().min_marked_share
        code = estate.estate.code
        n = int(self.opinions.answers(code, number) * share)
        marks = self.opinions.resident_marks(code, number, n)
        comments = self.opinions.comments(code, number, n)
        rng = np.random.default_rng([SEED, number, estate.id])
        offsets = self.opinions.days(n, days, rng)
        for row, comment, offset in zip(marks, comments, offsets, strict=True):
            filled = check_answers(sheet, _resident_answers(sheet, row), comment or "", least)
            yield filled, round_.opens_on + timedelta(days=int(offset))

    def _body_forms(
        self, estate: RatedEstate, number: int
    ) -> Iterator[tuple[Direction, dict[str, int | None], str, Actor]]:
        code = estate.estate.code
        roles = {"committee": (Role.COMMITTEE, estate.estate_id), "community": (Role.COMMUNITY, estate.community_id)}
        note = "扣分地点和原因见现场记录。"
        for rater in self.opinions.raters(code, number):
            marks = self.opinions.committee_marks(code, rater, number)
            yield Direction.COMMITTEE_TO_COMPANY, marks, note, _member(*roles[rater])
        company = _member(Role.COMPANY, estate.company_id)
        facts = self.opinions.company_facts(code, number) or ""
        yield Direction.COMPANY_TO_COMMITTEE, self.opinions.company_marks(code, number), facts, company
        yield Direction.COMPANY_SELF, self.opinions.committee_marks(code, "company", number), note, company


def _member(role: Role, scope_id: int) -> Actor:
    """A member of a body who has no account in the demonstration."""
    return Actor(None, role.value, (Granted(role, scope_id),))


def _resident_answers(sheet: Questionnaire, row: Any) -> dict[str, int | str]:
    """A row of marks as answers: below 1 stands for an answer without a mark."""
    return {
        indicator.key: int(mark) if mark > 0 else ("absent" if mark == ABSENT else "unknown")
        for indicator, mark in zip(sheet.indicators, row, strict=True)
    }


def _no_mark_as_absent(answers: dict[str, int | None]) -> dict[str, int | str]:
    return {key: "absent" if mark is None else mark for key, mark in answers.items()}
