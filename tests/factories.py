"""Rows for tests: a factory for every model, each valid by itself and consistent with the others.

Rows are flushed, not committed; `client`, `see` and `run_command` commit before they go on, a thread of your own does
not: call db.session.commit() first. Days fit the clock's start, Monday 2026-09-07.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
import yaml
from factory.alchemy import SQLAlchemyModelFactory
from flask_security.utils import hash_password
from sqlalchemy import func, select
from stdnum.cn import uscc

from rating.access import Role
from rating.accounts.models import (
    SCOPE_COLUMN,
    AccessChange,
    AccountNotice,
    ChangeKind,
    Grant,
    Invitation,
    StaffSession,
    User,
)
from rating.adjustments.models import Adjustment, AdjustmentKind, Evidence
from rating.audit.chain import append_kept, keep_aside
from rating.audit.models import Event, StoredFile
from rating.cases.models import Commitment, CommitmentKind, Party, Reinspection, Talk, TalkState
from rating.daysoff.models import DaysOffNotice, NoticedDay
from rating.evaluations.models import Channel, Deduction, DisputeCount, Evaluation, Participation, Trace, TurnoutDay
from rating.extensions import db
from rating.gaps.models import Checker, GapCheck, GapFinding
from rating.jobs.models import Job, JobState
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.releases.models import Decision, ListedReceipt, Listing, ReceiptList, Release, ReleaseDraft, SignOff
from rating.results.models import CityContrast, ContrastKind, ScorecardCell, StoredScorecard, UncountedEvaluation
from rating.results.schemas import listed_fields
from rating.reviews.models import Decision as ReviewDecision, Flag, FlagKind, RejectionReason, Review, SealedValue
from rating.rounds.codes import code_hash, new_code
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import DEFAULT, digest_of
from rating.scoring import CompanyCard, Direction, ReviewState, Standing, score_evaluation
from rating.spotchecks.models import SpotCheck
from rating.tries.counters import TryCount
from rating.web.request import code_key
from tests.support.clock import START

PASSWORD = "correct horse battery staple"
TODAY = date(2026, 9, 7)


class _Rows(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "flush"


# ---- registry


class SubdistrictFactory(_Rows):
    class Meta:
        model = Subdistrict

    code = factory.Sequence(lambda n: f"S{n + 1:03}")
    name = factory.Sequence(lambda n: f"{n + 1}号街道")


class CommunityFactory(_Rows):
    class Meta:
        model = Community

    code = factory.Sequence(lambda n: f"C{n + 1:03}")
    name = factory.Sequence(lambda n: f"{n + 1}号社区")
    phone = "0000-87654321"
    subdistrict = factory.SubFactory(SubdistrictFactory)


class EstateFactory(_Rows):
    class Meta:
        model = Estate

    code = factory.Sequence(lambda n: f"E{n + 1:04}")
    name = factory.Sequence(lambda n: f"{n + 1}号小区")
    community = factory.SubFactory(CommunityFactory)
    address = "和平路1号"
    households_total = 300
    households_lived_in = 240
    built_year = 2008
    fee = Decimal("1.80")


def credit_code(n: int) -> str:
    """The n-th made-up unified social credit code, with its check digit."""
    front = f"91330100MA{n:07}"
    return front + uscc.calc_check_digit(front)


class CompanyFactory(_Rows):
    class Meta:
        model = Company

    code = factory.Sequence(lambda n: credit_code(n + 1))
    name = factory.Sequence(lambda n: f"第{n + 1}物业服务有限公司")
    phone = "0000-11112222"


class ContractFactory(_Rows):
    class Meta:
        model = Contract

    estate = factory.SubFactory(EstateFactory)
    company = factory.SubFactory(CompanyFactory)
    starts_on = date(2024, 1, 1)
    ends_on = None
    manager = "李经理"


class CommitteeFactory(_Rows):
    class Meta:
        model = Committee

    estate = factory.SubFactory(EstateFactory)
    name = factory.LazyAttribute(lambda committee: f"{committee.estate.name}物业管理委员会")
    members = factory.LazyFunction(lambda: ["王一", "陈二", "刘三"])
    term_starts_on = date(2025, 1, 1)
    term_ends_on = date(2029, 12, 31)


# ---- accounts


@functools.cache
def _hashed_password() -> str:
    hashed: str = hash_password(PASSWORD)
    return hashed


class UserFactory(_Rows):
    """`UserFactory(role=Role.COMMITTEE, scope=estate)`, or `grants=[(role, scope), …]`; every password is PASSWORD."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n + 1}")
    name = factory.Sequence(lambda n: f"用户{n + 1}")
    password = factory.LazyFunction(_hashed_password)
    fs_uniquifier = factory.LazyFunction(lambda: secrets.token_hex(32))

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **values: Any) -> User:
        grants = list(values.pop("grants", ()))
        role, scope = values.pop("role", None), values.pop("scope", None)
        user: User = super()._create(model_class, *args, **values)
        for one, reach in [*([(role, scope)] if role else []), *grants]:
            GrantFactory(user=user, role=one, scope=reach)
        return user


class AccessChangeFactory(_Rows):
    """Something that the server's command line gave; with `giver=…` a person did, and nobody else confirmed it."""

    class Meta:
        model = AccessChange

    user = factory.SubFactory(UserFactory)
    kind = ChangeKind.GRANTED
    role = Role.BUREAU
    given_at = START


class AccountNoticeFactory(_Rows):
    class Meta:
        model = AccountNotice

    change = factory.SubFactory(AccessChangeFactory)
    user_id = factory.SelfAttribute("change.user.id")


class GrantFactory(_Rows):
    """`scope` is the sub-district, community, estate or company that the role reaches to; None for the city."""

    class Meta:
        model = Grant

    user = factory.SubFactory(UserFactory)
    role = Role.BUREAU
    starts_on = date(2026, 1, 1)
    change = factory.SubFactory(
        AccessChangeFactory, user=factory.SelfAttribute("..user"), role=factory.SelfAttribute("..role")
    )

    @classmethod
    def _adjust_kwargs(cls, **values: Any) -> dict[str, Any]:
        if values["role"] is Role.HELPER:
            values.setdefault("ends_on", date(2026, 12, 31))
        if (scope := values.pop("scope", None)) is not None:
            values[SCOPE_COLUMN[values["role"]]] = scope.id
        return values


class StaffSessionFactory(_Rows):
    class Meta:
        model = StaffSession

    key_hash = factory.LazyFunction(lambda: secrets.token_hex(32))
    user_id = factory.LazyFunction(lambda: UserFactory().id)
    data = factory.LazyFunction(dict)
    started_at = START
    seen_at = factory.SelfAttribute("started_at")
    expires_at = START + timedelta(hours=12)


class InvitationFactory(_Rows):
    """An open invitation for seven days; `token` is what its link holds."""

    class Meta:
        model = Invitation
        exclude = ("token",)

    token = factory.Sequence(lambda n: f"token-{n + 1}")
    user = factory.SubFactory(UserFactory, password="")
    token_hash = factory.LazyAttribute(lambda one: hashlib.sha256(one.token.encode()).hexdigest())
    issued_at = START
    expires_at = START + timedelta(days=7)
    change = factory.SubFactory(
        AccessChangeFactory, user=factory.SelfAttribute("..user"), kind=ChangeKind.LINKED, role=None
    )


# ---- audit


class EventFactory(_Rows):
    class Meta:
        model = Event

    at = START
    actor_name = "测试"
    actor_id = None
    kind = "thing.happened"
    subject = factory.Sequence(lambda n: f"thing:{n + 1}")
    reason = ""
    data: dict[str, Any] = {}  # noqa: RUF012  # how factories declare a value

    @classmethod
    def _create(cls, _model_class: type[Event], *_args: Any, **values: Any) -> Event:
        """As the product appends it: numbered, with its hash."""
        event = Event(**values)
        keep_aside(event)
        append_kept(db.session())
        return event


# ---- rulebooks and rounds


@functools.cache
def default_document() -> dict[str, Any]:
    """The default rulebook's document; do not change it in place."""
    document: dict[str, Any] = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return document


class RulebookFactory(_Rows):
    """The default rulebook, the same row each time; `RulebookFactory(version=2, document={…})` is another."""

    class Meta:
        model = Rulebook
        sqlalchemy_get_or_create = ("key", "version")

    key = "default"
    version = 1
    document = factory.LazyAttribute(
        lambda one: (
            default_document()
            if (one.key, one.version) == ("default", 1)
            else {**default_document(), "key": one.key, "version": one.version}
        )
    )
    digest = factory.LazyAttribute(lambda one: digest_of(one.document))
    loaded_at = START


class RoundFactory(_Rows):
    """A draft for September; RoundFactory(open=True), closed=True, preview=True, published=True, archived=True."""

    class Meta:
        model = Round

    class Params:
        open = factory.Trait(state=RoundState.OPEN, opened_at=START)
        over = factory.Trait(
            opens_on=date(2026, 8, 3),
            closes_on=date(2026, 8, 23),
            rated_from=date(2026, 2, 1),
            rated_to=date(2026, 7, 31),
            opened_at=datetime(2026, 8, 3, 1, tzinfo=UTC),
            closed_at=datetime(2026, 8, 24, 1, tzinfo=UTC),
        )
        seen = factory.Trait(
            over=True, previewed_at=datetime(2026, 8, 25, 1, tzinfo=UTC), preview_ends_on=date(2026, 9, 8)
        )
        closed = factory.Trait(over=True, state=RoundState.CLOSED)
        preview = factory.Trait(seen=True, state=RoundState.PREVIEW)
        published = factory.Trait(seen=True, state=RoundState.PUBLISHED)
        archived = factory.Trait(seen=True, state=RoundState.ARCHIVED)

    number = factory.Sequence(lambda n: n + 1)
    title_zh = factory.LazyAttribute(lambda one: f"第{one.number}次物业服务评价")
    title_en = factory.LazyAttribute(lambda one: f"Rating round {one.number}")
    rulebook = factory.SubFactory(RulebookFactory)
    state = RoundState.DRAFT
    opens_on = TODAY
    closes_on = date(2026, 9, 27)
    rated_from = date(2026, 3, 1)
    rated_to = date(2026, 8, 31)


def open_round() -> Round:
    """The open round; there is never more than one."""
    found: Round = db.session.scalar(select(Round).where(Round.state == RoundState.OPEN)) or RoundFactory(open=True)
    return found


class RatedEstateFactory(_Rows):
    """An estate in the open round, served by a company under a contract, with a committee.

    Give `round`, `estate` or `company` to share them. `contract=False` leaves the contract out.
    """

    class Meta:
        model = RatedEstate

    round = factory.LazyFunction(open_round)
    estate = factory.SubFactory(EstateFactory)
    company = factory.SubFactory(CompanyFactory)
    community = factory.SelfAttribute("estate.community")
    committee = factory.SubFactory(CommitteeFactory, estate=factory.SelfAttribute("..estate"))
    households = factory.SelfAttribute("estate.households_lived_in")
    manager = "李经理"
    attributes = factory.LazyAttribute(
        lambda one: {
            "has_lifts": one.estate.has_lifts,
            "has_cctv_or_entry_doors": one.estate.has_cctv_or_entry_doors,
            "has_greenery": one.estate.has_greenery,
            "company_runs_water_supply": one.estate.company_runs_water_supply,
        }
    )

    @classmethod
    def _create(cls, model_class: type[RatedEstate], *args: Any, **values: Any) -> RatedEstate:
        if values.pop("contract", True):
            ContractFactory(estate=values["estate"], company=values["company"], manager=values["manager"])
        rated: RatedEstate = super()._create(model_class, *args, **values)
        return rated


class HouseholdCodeFactory(_Rows):
    """`HouseholdCodeFactory(code="…")`; `issue_code(rated_estate)` gives a new code in clear."""

    class Meta:
        model = HouseholdCode

    class Params:
        rated_estate = factory.SubFactory(RatedEstateFactory)
        code = factory.LazyFunction(new_code)

    rated_estate_id = factory.SelfAttribute("rated_estate.id")
    household_number = factory.LazyAttribute(lambda one: _next_number(one.rated_estate))
    code_hash = factory.LazyAttribute(lambda one: code_hash(code_key(), one.code))


def _next_number(rated_estate: RatedEstate) -> int:
    """The household after the last one of the estate that has a code."""
    last = select(func.max(HouseholdCode.household_number)).where(HouseholdCode.rated_estate_id == rated_estate.id)
    return (db.session.scalar(last) or 0) + 1


def issue_code(rated_estate: RatedEstate, **values: Any) -> str:
    """A new household code of this estate, as its letter has it."""
    code = new_code()
    HouseholdCodeFactory(rated_estate=rated_estate, code=code, **values)
    return code


# ---- evaluations


class EvaluationFactory(_Rows):
    """A resident's evaluation, all indicators marked `mark` (4); its score follows from its marks.

    Others: on_site=True (rater='committee', or 'community'), from_company=True, of_itself=True. Or give `marks`.
    """

    class Meta:
        model = Evaluation

    class Params:
        mark = 4
        on_site = factory.Trait(
            direction=Direction.COMMITTEE_TO_COMPANY, channel=Channel.ON_SITE, rater="committee", receipt_hash=None
        )
        from_company = factory.Trait(direction=Direction.COMPANY_TO_COMMITTEE, rater="company", receipt_hash=None)
        of_itself = factory.Trait(direction=Direction.COMPANY_SELF, rater="company", receipt_hash=None)

    rated_estate = factory.SubFactory(RatedEstateFactory)
    direction = Direction.RESIDENT_TO_COMPANY
    channel = Channel.OWN
    rater = None
    marks = factory.LazyAttribute(lambda one: "".join(str(min(one.mark, i.highest)) for i in _asked(one).indicators))
    score = factory.LazyAttribute(lambda one: score_evaluation(_asked(one).rule, list(_asked(one).decode(one.marks))))
    week = TODAY
    comment = None
    receipt_hash = factory.LazyFunction(lambda: secrets.token_bytes(32))


def _asked(evaluation: Any) -> Any:
    return evaluation.rated_estate.round.rulebook.content.questionnaire(evaluation.direction)


class ParticipationFactory(_Rows):
    class Meta:
        model = Participation

    class Params:
        rated_estate = factory.SubFactory(RatedEstateFactory)

        household_number = 1

    rated_estate_id = factory.SelfAttribute("rated_estate.id")
    answered = factory.LazyAttribute(
        lambda one: "".join("01"[n == one.household_number] for n in range(1, one.rated_estate.households + 1))
    )


class TurnoutDayFactory(_Rows):
    class Meta:
        model = TurnoutDay

    class Params:
        rated_estate = factory.SubFactory(RatedEstateFactory)

    rated_estate_id = factory.SelfAttribute("rated_estate.id")
    day = TODAY
    channel = Channel.OWN
    count = 1


class DisputeCountFactory(_Rows):
    class Meta:
        model = DisputeCount

    class Params:
        rated_estate = factory.SubFactory(RatedEstateFactory)

    rated_estate_id = factory.SelfAttribute("rated_estate.id")
    count = 1


# ---- flags and reviews


class TraceFactory(_Rows):
    """Where an evaluation came from; `network` is a keyed hash."""

    class Meta:
        model = Trace

    class Params:
        evaluation = factory.SubFactory(EvaluationFactory)

    evaluation_id = factory.SelfAttribute("evaluation.id")
    network = factory.LazyFunction(lambda: secrets.token_bytes(16))


class FlagFactory(_Rows):
    class Meta:
        model = Flag

    class Params:
        evaluation = factory.SubFactory(EvaluationFactory)

    evaluation_id = factory.SelfAttribute("evaluation.id")
    kind = FlagKind.SAME_ANSWERS
    cluster = 1


class ReviewFactory(_Rows):
    """ReviewFactory() accepts a flagged evaluation; ReviewFactory(rejected=True) does not."""

    class Meta:
        model = Review

    class Params:
        flag = factory.SubFactory(FlagFactory)
        rejected = factory.Trait(decision=ReviewDecision.REJECTED, reason=RejectionReason.SAME_HAND)

    evaluation_id = factory.SelfAttribute("flag.evaluation_id")
    decision = ReviewDecision.ACCEPTED
    reviewer_id = factory.LazyFunction(lambda: UserFactory(role=Role.REVIEWER, scope=CommunityFactory()).id)
    at = START


class SealedValueFactory(_Rows):
    class Meta:
        model = SealedValue

    class Params:
        evaluation = factory.SubFactory(EvaluationFactory)

    evaluation_id = factory.SelfAttribute("evaluation.id")
    nonce = factory.LazyFunction(lambda: secrets.token_bytes(32))
    value = factory.LazyFunction(lambda: secrets.token_bytes(32))


# ---- results and releases


class AdjustmentFactory(_Rows):
    class Meta:
        model = Adjustment

    company = factory.SubFactory(CompanyFactory)
    kind = AdjustmentKind.COMMENDATION
    points = factory.LazyAttribute(
        lambda one: {AdjustmentKind.COMMENDATION: Decimal(2), AdjustmentKind.FINDING: Decimal(-2)}.get(
            one.kind, Decimal(0)
        )
    )
    source = "市住房和城乡建设局"
    case_number = factory.Sequence(lambda n: f"2026-{n + 1:04}")
    reason = "防汛期间服务突出"
    valid_from = date(2026, 5, 1)
    valid_to = date(2027, 4, 30)


class JobFactory(_Rows):
    """A job that waits, asked for by somebody of the bureau."""

    class Meta:
        model = Job

    kind = "posters"
    arguments = factory.LazyFunction(lambda: {"round": 1, "paper": "a4", "language": "zh"})
    asked_by = factory.SubFactory("tests.factories.UserFactory", role=Role.BUREAU)
    asked_at = START
    state = JobState.WAITING
    attempts = 0
    done = 0
    total = 0


class TryCountFactory(_Rows):
    class Meta:
        model = TryCount

    key_hash = factory.LazyFunction(lambda: secrets.token_bytes(32))
    tries = 1
    ends_at = START


class StoredFileFactory(_Rows):
    class Meta:
        model = StoredFile

    class Params:
        number = factory.Sequence(lambda n: n)

    content = factory.LazyAttribute(lambda one: b"%%PDF-1.4 %d" % one.number)
    digest = factory.LazyAttribute(lambda one: hashlib.sha256(one.content).hexdigest())
    media_type = "application/pdf"
    size = factory.LazyAttribute(lambda one: len(one.content))
    kept_on = TODAY


class EvidenceFactory(_Rows):
    class Meta:
        model = Evidence

    class Params:
        adjustment = factory.SubFactory(AdjustmentFactory)
        file = factory.SubFactory(StoredFileFactory)

    adjustment_id = factory.SelfAttribute("adjustment.id")
    file_digest = factory.SelfAttribute("file.digest")
    name = "决定书.pdf"


class DeductionFactory(_Rows):
    class Meta:
        model = Deduction

    evaluation = factory.SubFactory(EvaluationFactory, on_site=True)
    indicator = "gate"
    reason = "东门夜间无人值守"


class ScorecardFactory(_Rows):
    """A scorecard in outline; tests about scores compute real ones."""

    class Meta:
        model = StoredScorecard

    round = factory.SubFactory(RoundFactory, preview=True)
    sequence = factory.Sequence(lambda n: n + 1)
    rulebook_digest = factory.SelfAttribute("round.rulebook.digest")
    tallies = '{"companies":[],"estate_count":0,"households":0,"totals":{}}'
    records = "{}"
    content = "{}"
    digest = factory.LazyAttribute(lambda one: hashlib.sha256(one.content.encode()).hexdigest())
    computed_at = START


class CityContrastFactory(_Rows):
    class Meta:
        model = CityContrast

    class Params:
        scorecard = factory.SubFactory(ScorecardFactory)

    scorecard_id = factory.SelfAttribute("scorecard.id")
    kind = ContrastKind.LATE
    difference = Decimal("-1.25")
    lower = Decimal("-2.5")
    upper = Decimal(0)
    estates = 40
    first_count = 400
    second_count = 900
    is_beyond = False


class ScorecardCellFactory(_Rows):
    class Meta:
        model = ScorecardCell

    class Params:
        scorecard = factory.SubFactory(ScorecardFactory)
        rated_estate = factory.SubFactory(RatedEstateFactory)

    scorecard_id = factory.SelfAttribute("scorecard.id")
    rated_estate_id = factory.SelfAttribute("rated_estate.id")
    group_number = 0
    left_out = False
    received = 12


class UncountedEvaluationFactory(_Rows):
    class Meta:
        model = UncountedEvaluation

    class Params:
        scorecard = factory.SubFactory(ScorecardFactory)
        evaluation = factory.SubFactory(EvaluationFactory)

    scorecard_id = factory.SelfAttribute("scorecard.id")
    evaluation_id = factory.SelfAttribute("evaluation.id")
    state = ReviewState.NOT_ACCEPTED


class DaysOffNoticeFactory(_Rows):
    class Meta:
        model = DaysOffNotice

    year = factory.Sequence(lambda n: 2027 + n % 170)
    source = "国办发明电〔2026〕9号"
    entered_by = factory.LazyAttribute(lambda _: UserFactory(role=Role.BUREAU).id)
    entered_at = START


class NoticedDayFactory(_Rows):
    class Meta:
        model = NoticedDay

    day = factory.Sequence(lambda n: date(2027, 2, 11) + timedelta(days=n))
    worked = False
    year = factory.LazyAttribute(lambda _: DaysOffNoticeFactory().year)


class GapCheckFactory(_Rows):
    class Meta:
        model = GapCheck

    rated_estate = factory.SubFactory(RatedEstateFactory)
    residents = Decimal("92.5")
    on_site = Decimal(60)
    finding = GapFinding.EXPLAINED
    note = "现场评分时正值电梯大修,已向社区核实。"
    checked_as = Checker.SUBDISTRICT
    checked_by = factory.LazyAttribute(
        lambda one: UserFactory(role=Role.SUBDISTRICT, scope=one.rated_estate.community.subdistrict).id
    )
    checked_at = START


class SignOffFactory(_Rows):
    class Meta:
        model = SignOff

    rated_estate = factory.SubFactory(RatedEstateFactory)
    scorecard_id = factory.LazyAttribute(lambda one: ScorecardFactory(round=one.rated_estate.round).id)
    party = "committee"
    decision = Decision.SIGNED
    user_id = factory.LazyAttribute(lambda one: UserFactory(role=Role.COMMITTEE, scope=one.rated_estate.estate).id)
    at = START


class ReleaseDraftFactory(_Rows):
    class Meta:
        model = ReleaseDraft

    scorecard = factory.SubFactory(ScorecardFactory)
    drafted_by = factory.LazyFunction(lambda: UserFactory(role=Role.BUREAU).id)
    drafted_at = START


class ReleaseFactory(_Rows):
    class Meta:
        model = Release

    number = factory.Sequence(lambda n: n + 1)
    scorecard = factory.SubFactory(ScorecardFactory, round=factory.SubFactory(RoundFactory, published=True))
    round = factory.SelfAttribute("scorecard.round")
    drafted_by = factory.LazyFunction(lambda: UserFactory(role=Role.BUREAU).id)
    signed_by = factory.LazyFunction(lambda: UserFactory(role=Role.BUREAU).id)
    published_at = datetime(2026, 9, 4, 1, tzinfo=UTC)
    published_on = date(2026, 9, 4)
    shown_until = date(2026, 12, 4)
    received = 100
    counted = 97
    set_aside = 2
    rejected = 1


def make_listing_result(code: str, standing: Standing, **changes: Any) -> dict[str, Any]:
    """What a listing says of a company without a score, or with what is given."""
    unknown = {field.name: None for field in fields(CompanyCard)}
    no_text = dict.fromkeys(("reasons", "held_back", "costliest", "estates"), ())
    card = CompanyCard(**{
        **unknown, **no_text, "company": code, "standing": standing, "is_rated": False, "is_all_group": False,
        "as_shown": False, "count": 0, "adjustment_sum": Decimal(0), "adjustment": Decimal(0), "directions": {},
        **changes,
    })  # fmt: skip
    return listed_fields(card)


class ListingFactory(_Rows):
    class Meta:
        model = Listing

    release = factory.SubFactory(ReleaseFactory)
    company = factory.SubFactory(CompanyFactory)
    standing = Standing.BLACK
    place = 1
    result = factory.LazyAttribute(lambda one: make_listing_result(one.company.code, one.standing))


class ReceiptListFactory(_Rows):
    class Meta:
        model = ReceiptList

    release = factory.SubFactory(ReleaseFactory)
    number = factory.Sequence(lambda n: n + 1)
    company = factory.SubFactory(CompanyFactory)
    estate = factory.SubFactory(EstateFactory)
    count = 1


class ListedReceiptFactory(_Rows):
    class Meta:
        model = ListedReceipt

    class Params:
        receipt_list = factory.SubFactory(ReceiptListFactory)

    receipt_list_id = factory.SelfAttribute("receipt_list.id")
    receipt_hash = factory.LazyFunction(lambda: secrets.token_bytes(32))
    check_value = factory.LazyFunction(lambda: secrets.token_bytes(32))


class SpotCheckFactory(_Rows):
    class Meta:
        model = SpotCheck

    release = factory.SubFactory(ReleaseFactory)
    seed = factory.Sequence(lambda n: f"0{n + 1} 08 15 16 23 31 + 04")
    opened = 20
    matching = 20
    checked_on = TODAY
    checked_by = factory.LazyFunction(lambda: UserFactory(role=Role.AUDITOR).id)


# ---- follow-ups


class TalkFactory(_Rows):
    """A talk that has been notified; TalkFactory(held=True) has been held and recorded."""

    class Meta:
        model = Talk

    class Params:
        held = factory.Trait(
            state=TalkState.HELD,
            held_at=datetime(2026, 9, 16, 1, 30, tzinfo=UTC),
            findings="垃圾清运不及时;门禁长期损坏。",
        )

    listing = factory.SubFactory(ListingFactory)
    state = TalkState.NOTIFIED
    notice_number = factory.Sequence(lambda n: f"物约〔2026〕{n + 1}号")
    notified_on = TODAY
    scheduled_at = datetime(2026, 9, 16, 1, 30, tzinfo=UTC)
    place = "市住房和城乡建设局三楼会议室"
    cause = "列入物业服务评价黑榜"
    issuer = "市住房和城乡建设局"


class CommitmentFactory(_Rows):
    class Meta:
        model = Commitment

    talk = factory.SubFactory(TalkFactory, held=True)
    party = Party.COMPANY
    owner_post = "项目经理"
    kind = CommitmentKind.ORDINARY
    problem = "门禁长期损坏"
    measure = "更换门禁控制器"
    made_on = date(2026, 9, 16)
    due_on = date(2026, 10, 16)


class ReinspectionFactory(_Rows):
    class Meta:
        model = Reinspection

    commitment = factory.SubFactory(CommitmentFactory)
    inspected_on = date(2026, 10, 20)
    inspector_id = factory.LazyFunction(lambda: UserFactory(role=Role.BUREAU).id)
    inspector_post = "物业科科员"
    passed = True
    findings = "门禁已更换,抽查三个单元均能正常使用。"
