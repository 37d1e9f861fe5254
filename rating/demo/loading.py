"""Loading the demonstration city through the services that people use; scores are never written, only computed.

Rounds pass one after the other, and between them what follows a release goes on, each thing with its own moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from rating.access import SYSTEM
from rating.cases.commitment_service import report_overdue_commitments
from rating.demo.agenda import Agenda
from rating.demo.answers import Ballots, dispute, hand_in
from rating.demo.checks import check_gaps
from rating.demo.city import DEFAULT_SEED, City, build_city
from rating.demo.dossiers import keep_dossiers
from rating.demo.opinions import Opinions
from rating.demo.people import People, add_people
from rating.demo.records import Estate
from rating.demo.stuffing import review, stuff
from rating.demo.talks import FollowUp
from rating.demo.timeline import LATEST, RoundDays, at, plan_rounds
from rating.extensions import db
from rating.registry.imports.service import import_register
from rating.registry.queries import get_company, get_estate
from rating.releases.models import Release
from rating.releases.service import draft_release, publish_release, remark, sign_off, start_preview
from rating.results.service import compute_scorecard
from rating.reviews.erasing import erase_deleted
from rating.reviews.service import close_round
from rating.rounds.codes import grouped
from rating.rounds.models import RatedEstate, Round
from rating.rounds.queries import list_rated_estates
from rating.rounds.service import RoundPlan, draft_round, issue_codes, open_round
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import load_default_rulebook
from rating.workbooks.reading import Sheet

REMARK = "本期小区外墙维修施工，停车秩序受影响，请结合实际情况考虑。"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a visitor needs: an estate to look at and a household code that nobody has used."""

    city_zh: str
    city_en: str
    estate_code: str
    estate_name: str
    household_code: str


class Loader:
    """One loading of the city as it stands on `today`; commits after each step."""

    def __init__(self, today: date, key: bytes, say: Say) -> None:
        self.today, self.key, self.say = today, key, say
        self.city: City = build_city(today)
        self.opinions = Opinions(self.city, DEFAULT_SEED)
        self.agenda = Agenda()
        self.show_case = self._choose_show_case()

    def load(self) -> Loaded:
        """The whole city: register, accounts, published rounds with their talks, an open round."""
        *past, present = plan_rounds(self.today)
        db.session().expire_on_commit = False  # nobody else writes here, so nothing needs to be refreshed
        began = at(past[0].opens_on - timedelta(days=30))
        rulebook, people = self._register(began)
        follow_up = FollowUp(self.agenda, people, self.today)
        for days in past:
            release = self._load_past(days, rulebook, people)
            follow_up.begin(release, partial(self.opinions.fortunes.mends, round_no=days.number))
        loaded = self._load_present(present, rulebook, people)
        self._pass_time(at(self.today, 0))
        db.session.remove()
        return loaded

    def _choose_show_case(self) -> Estate:
        """The estate whose committee, community and company a visitor can be: its company has been through a talk."""
        fortunes = self.opinions.fortunes
        return next(
            estate
            for estate in self.city.estates
            if estate.code in self.city.committee_by_estate
            and estate.households_lived_in <= 400
            and self.opinions.turnout.answers(estate.code, LATEST) >= 40
            and fortunes.mends(fortunes.company_of(estate.code, LATEST - 1), LATEST - 1)
            and fortunes.company_of(estate.code, LATEST - 1) == self.city.company_of[estate.code]
        )

    @property
    def own_company(self) -> str:
        """The code of the company that a visitor can be."""
        return self.city.company_of[self.show_case.code]

    def _explained(self, rated: Sequence[RatedEstate]) -> frozenset[str]:
        """The estates on which each deduction on site has its reason: that company's, and one in two dozen."""
        return frozenset(
            one.estate.code
            for place, one in enumerate(rated)
            if place % 24 == 0 or one.company.code == self.own_company
        )

    def _register(self, began: datetime) -> tuple[Rulebook, People]:
        """The rulebook, the register and everybody's accounts."""
        self.say(f"registering {len(self.city.estates)} estates and {len(self.city.companies)} companies")
        rulebook = load_default_rulebook(SYSTEM, began)
        import_register([Sheet.from_dicts(name, rows) for name, rows in self.city.sheets().items()], SYSTEM, began)
        company = get_company(self.own_company)
        people = add_people(get_estate(self.show_case.code), company, began.date(), began)
        db.session.commit()
        return rulebook, people

    # ---- a round that was published

    def _load_past(self, days: RoundDays, rulebook: Rulebook, people: People) -> Release:
        round_ = self._draft(days, rulebook)
        rated = self._open(round_, days)
        self.say(f"round {days.number}: residents, committees and companies rate")
        hand_in(rated, Ballots(round_, self.opinions, self._explained(rated)))
        self._keep_dossiers(days, people, days.closes_on - timedelta(days=3))
        if days.number == LATEST:
            self._stuff(rated, round_, people)
        self.say(f"round {days.number}: closed, computed, looked over, published")
        self._compute(round_, days, people)
        self._sign_off(rated, days, people)
        return self._publish(round_, days, people)

    def _keep_dossiers(self, days: RoundDays, people: People, day: date) -> None:
        self._pass_time(at(day))
        keep_dossiers(days, self.own_company, self.opinions.fortunes, people, day)
        db.session.commit()

    def _stuff(self, rated: Sequence[RatedEstate], round_: Round, people: People) -> None:
        spare = people.reviewer.grants[0].community_id
        stuff(rated, round_, at(round_.opens_on + timedelta(days=6)), self.key.hex(), spare)
        db.session.commit()

    def _compute(self, round_: Round, days: RoundDays, people: People) -> None:
        drafter, computed = people.drafter.actor(days.computed_on), self._pass_time(at(days.computed_on))
        close_round(round_, drafter, computed, today_is_past=True)
        review(round_, people.reviewer.actor(days.computed_on), computed)
        check_gaps(compute_scorecard(round_, drafter, computed), people, days.computed_on, computed)
        start_preview(round_, drafter, computed)
        db.session.commit()
        erase_deleted(drafter, computed, thoroughly=True)
        db.session.commit()

    def _sign_off(self, rated: Sequence[RatedEstate], days: RoundDays, people: People) -> None:
        """Communities sign nine estates in ten and remark on a few; the rest stay silent."""
        day = days.computed_on + timedelta(days=4)
        moment = self._pass_time(at(day))
        for place, estate in enumerate(rated):
            actor = people.communities[estate.community_id].actor(day)
            if place % 60 == 59:
                remark(estate, REMARK, actor, moment)
            elif place % 10:
                sign_off(estate, actor, moment)
        db.session.commit()

    def _publish(self, round_: Round, days: RoundDays, people: People) -> Release:
        drafter, signer = (user.actor(days.published_on) for user in (people.drafter, people.signer))
        draft = draft_release(round_, "", drafter, self._pass_time(at(days.published_on, 9)))
        db.session.commit()
        release = publish_release(draft, draft.digest, signer, at(days.published_on, 11))
        db.session.commit()
        return release

    # ---- the round that is open

    def _load_present(self, days: RoundDays, rulebook: Rulebook, people: People) -> Loaded:
        round_ = self._draft(days, rulebook)
        rated = self._open(round_, days)
        self.say(f"round {days.number}: open, the first answers come in")
        mine = next(one for one in rated if one.estate.code == self.show_case.code)
        printed = self._pass_time(at(days.opens_on - timedelta(days=5)))
        codes = issue_codes(mine, self.key, SYSTEM, printed)
        db.session.commit()
        so_far = (self.today - days.opens_on).days + 1
        silent = {self.show_case.code, *(one.estate.code for one in rated[::2])}
        hand_in(rated, Ballots(round_, self.opinions, self._explained(rated), so_far, 0.55), silent)
        dispute(rated)
        self._keep_dossiers(days, people, days.opens_on + timedelta(days=2))
        self._stuff(rated, round_, people)
        return Loaded(self.city.name, self.city.name_en, self.show_case.code, self.show_case.name, grouped(codes[-1]))

    # ---- steps of both

    def _draft(self, days: RoundDays, rulebook: Rulebook) -> Round:
        drafted = self._pass_time(at(days.opens_on - timedelta(days=10)))
        title_zh, title_en = days.judged.title
        plan = RoundPlan(
            title_zh=title_zh,
            title_en=title_en,
            opens_on=days.opens_on,
            closes_on=days.closes_on,
            rated_from=days.rated_from,
            rated_to=days.rated_to,
        )
        return draft_round(plan, rulebook, SYSTEM, drafted)

    def _open(self, round_: Round, days: RoundDays) -> list[RatedEstate]:
        open_round(round_, SYSTEM, self._pass_time(at(days.opens_on - timedelta(days=7))))
        db.session.commit()
        return list_rated_estates(round_)

    def _pass_time(self, until: datetime) -> datetime:
        """Do what is due by then and look at the deadlines; gives the moment back."""
        self.agenda.run(until)
        report_overdue_commitments(SYSTEM, until)
        db.session.commit()
        return until
