"""The demonstration's talks: who was called after a black listing, and what came of it until today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle

from rating.calendar import SHANGHAI, add_working_days, day_of
from rating.cases.commitment_service import add_commitment
from rating.cases.models import Talk
from rating.cases.queries import list_rated_estates_of
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.talk_service import hold_talk, notify_talk, postpone_talk, record_absence
from rating.demo.agenda import Agenda
from rating.demo.courses import MENDING, MENDING_NOW, PAST, SAID, UNDER_WAY, WORDS, Arrival, Course
from rating.demo.deeds import Deeds
from rating.demo.people import People
from rating.demo.timeline import LATEST, at
from rating.releases.models import Listing, Release
from rating.releases.queries import list_listings
from rating.results.wording import name_costs
from rating.scoring import Standing

_HOURS = (9, 10, 14, 15, 16)  # when talks begin
_ABSENCE_MADE_UP = 30  # days after which a company that had stayed away came at last


class FollowUp:
    """Calls companies to talks and follows up what they promised, by putting it on the agenda."""

    def __init__(self, agenda: Agenda, people: People, today: date) -> None:
        self._agenda, self._people, self._today = agenda, people, today
        self._numbers: Counter[int] = Counter()
        self._deeds = Deeds(agenda, people)

    def begin(self, release: Release, mends: Callable[[str], bool]) -> None:
        """Put the talks after a release on the agenda; `mends` says of a company whether it is on its way."""
        is_latest = release.round.number == LATEST
        good, bad = cycle(MENDING_NOW if is_latest else MENDING), cycle(UNDER_WAY if is_latest else PAST)
        for listing in list_listings(release, Standing.BLACK):
            self._call(listing, next(good) if mends(listing.company.code) else next(bad))

    # ---- the talk

    def _call(self, listing: Listing, course: Course) -> None:
        """Have the notice served: within days of the release, but where the talk is still to come, lately."""
        if course.arrival is Arrival.NOT_CALLED:
            return
        awaited = course.arrival in {Arrival.AWAITED, Arrival.AWAITED_LATER}
        lately = add_working_days(self._today, -3 if course.arrival is Arrival.AWAITED else -4)
        served_on = lately if awaited else add_working_days(listing.release.published_on, 2)
        self._agenda.at(at(served_on), partial(self._notify, listing, course, WORDS["late_service"] if awaited else ""))

    def _notify(self, listing: Listing, course: Course, late_reason: str, now: datetime) -> None:
        served_on = day_of(now)
        self._numbers[served_on.year] += 1
        number = self._numbers[served_on.year]
        talk_on = add_working_days(served_on, 5 if late_reason else 3 + number % 4)
        notice = Notice(
            number=f"住建约〔{served_on.year}〕{number}号",
            served_on=served_on,
            scheduled_at=at(talk_on, _HOURS[number % len(_HOURS)]),
            place=WORDS["place"],
            issuer=WORDS["issuer"],
            joint_issuers="街道办事处",
            summoned="企业主要负责人和项目负责人",
            conducted_by="物业管理科科长",
            cause=f"第{listing.release.number}号评价公告评价结论为黑榜，失分较多的是{_costs(listing)}。",
            basis=WORDS["basis"],
            late_reason=late_reason,
        )
        talk = notify_talk(listing, notice, self._people.drafter.actor(served_on), now)
        self._go_on(talk, course, talk_on)

    def _go_on(self, talk: Talk, course: Course, talk_on: date) -> None:
        """What follows the notice."""
        if course.arrival in {Arrival.CAME_LATER, Arrival.AWAITED_LATER}:
            later = add_working_days(talk_on, 3)
            self._agenda.at(at(add_working_days(talk_on, -2)), partial(self._postpone, talk, at(later, 15)))
            talk_on = later
        if course.arrival in {Arrival.STAYED_AWAY, Arrival.CAME_AT_LAST}:
            self._agenda.at(at(talk_on, 18), partial(self._miss, talk))
            talk_on = add_working_days(talk_on + timedelta(days=_ABSENCE_MADE_UP), 1)
        if course.arrival in {Arrival.CAME, Arrival.CAME_LATER, Arrival.CAME_AT_LAST}:
            self._agenda.at(at(talk_on, 18), partial(self._hold, talk, course))

    def _postpone(self, talk: Talk, later: datetime, now: datetime) -> None:
        postpone_talk(talk, later, WORDS["postponed"], self._people.drafter.actor(day_of(now)), now)

    def _miss(self, talk: Talk, now: datetime) -> None:
        record_absence(talk, "", self._people.drafter.actor(day_of(now)), now)

    def _hold(self, talk: Talk, course: Course, now: datetime) -> None:
        day = day_of(now)
        actor = self._people.drafter.actor(day)
        began = at(day, talk.scheduled_at.astimezone(SHANGHAI).hour)
        record = TalkRecord(
            held_at=began,
            ended_at=began + timedelta(minutes=70),
            place=WORDS["place"],
            conducted_by="物业管理科科长",
            minuted_by="物业管理科科员",
            attended_by="企业主要负责人、项目负责人；街道、社区、物管会代表",
            findings=WORDS["findings"].format(lost=_costs(talk.listing)),
            company_said=SAID[talk.id % len(SAID)],
            required=WORDS["required"],
            internal_note=WORDS["late_after_absence"] if course.arrival is Arrival.CAME_AT_LAST else "",
        )
        hold_talk(talk, record, (), actor, now)
        estates = [one.estate for one in list_rated_estates_of(talk.listing)]
        for number, (template, end) in enumerate(course.promised):
            commitment = add_commitment(talk, self._deeds.promise(template, estates[number % len(estates)]), actor, now)
            self._deeds.follow(commitment, template, end)


def _costs(listing: Listing) -> str:
    costs = name_costs(listing.card.costliest, listing.release.round.rulebook.content)
    return "、".join(cost.text.zh for cost in costs) or "多项"
