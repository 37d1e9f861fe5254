"""A small city with everything on its pages: a published round with a talk, and a round that is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.extensions import db
from rating.releases.models import Listing
from rating.releases.service import draft_release, publish_release, start_preview
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Standing
from tests.factories import CommitmentFactory, RatedEstateFactory, RoundFactory, TalkFactory, UserFactory, issue_code
from tests.results.town import acting, build_town, bureau, compute, draw_marks, questionnaire, take_in
from tests.support.clock import START, Clock

OPENED = datetime(2026, 9, 22, 2, tzinfo=UTC)


@dataclass(frozen=True)
class SmallCity:
    """What the addresses of its pages are made of."""

    company: str
    estate: str
    black: str
    code: str
    rated: RatedEstate
    open_round: Round
    listing_id: int
    people: dict[str, User]


def build_small_city(clock: Clock) -> SmallCity:
    """Round 1 published on 21 September with a talk held; round 2 open since."""
    town = build_town()
    compute(town)
    start_preview(town.round, SYSTEM, START)
    draft = draft_release(town.round, "", acting(bureau()), START)
    publish_release(draft, draft.digest, acting(bureau()), datetime(2026, 9, 20, 17, tzinfo=UTC))
    clock.set(OPENED)
    black = Listing.query.filter_by(standing=Standing.BLACK).first()
    talk = TalkFactory(listing=black, held=True)
    CommitmentFactory(talk=talk)
    round_ = RoundFactory(open=True, opens_on=OPENED.date(), closes_on=datetime(2026, 10, 12).date())
    rated = [
        RatedEstateFactory(
            round=round_, estate=one.estate, company=one.company, committee=one.committee, contract=False
        )
        for one in town.all_estates
    ]
    take_in(rated[0], draw_marks(questionnaire(rated[0]), 4, 12, 7))
    code = issue_code(rated[1])
    db.session.flush()
    return SmallCity(
        company=town.companies["good"].code,
        estate=rated[0].estate.code,
        black=black.company.code,
        code=code,
        rated=rated[0],
        open_round=round_,
        listing_id=black.id,
        people=_people(rated[0]),
    )


def _people(rated: RatedEstate) -> dict[str, User]:
    return {
        "bureau": UserFactory(role=Role.BUREAU),
        "subdistrict": UserFactory(role=Role.SUBDISTRICT, scope=rated.community.subdistrict),
        "community": UserFactory(role=Role.COMMUNITY, scope=rated.community),
        "committee": UserFactory(role=Role.COMMITTEE, scope=rated.estate),
        "company": UserFactory(role=Role.COMPANY, scope=rated.company),
        "auditor": UserFactory(role=Role.AUDITOR),
    }


def pages_of(city: SmallCity) -> dict[str, list[str]]:
    """Every page that a person can open by an address, by who opens it."""
    now = city.open_round.number
    talk = f"talks/{city.listing_id}"
    return {
        "public": [
            *(
                "/",
                "/releases",
                "/companies",
                "/estates",
                "/method",
                "/receipts",
                "/search?q=x",
                "/sign-in",
                "/nowhere",
                "/styleguide",
                f"/releases/{past_release()}/notice-board",
                f"/releases/{past_release()}/receipts",
                f"/releases/{past_release()}/receipts/1",
                "/invitations/of-nobody",
            ),
            *(
                "/companies?q=nobody",
                f"/companies/{city.company}",
                f"/companies/{city.black}",
                f"/estates/{city.estate}",
            ),
            *(f"/releases/{past_release()}", f"/e/{city.estate}", f"/h/{city.code}", f"/e/{city.estate}/disputed"),
        ],
        "bureau": [
            *("/bureau", "/bureau/rounds", "/bureau/rounds/new", "/bureau/register", "/account", "/bureau/people"),
            *("/bureau/people/invite", f"/bureau/people/{city.people['committee'].id}", "/bureau/rulebooks"),
            *("/bureau/rulebooks/load", "/bureau/rulebooks/default/1", "/bureau/rulebooks/compare"),
            *("/bureau/register/places", "/bureau/register/contracts", "/bureau/register/committees"),
            *(f"/bureau/register/estates/{city.estate}", f"/bureau/register/estates/{city.estate}/edit"),
            *(f"/bureau/register/companies/{city.company}", "/bureau/register/add/estates"),
            *(f"/bureau/register/estates/{city.estate}/leave-out", f"/bureau/rounds/{now}/checklist"),
            *("/bureau/register/estates", "/bureau/register/companies", "/bureau/talks", f"/bureau/{talk}"),
            *(f"/bureau/{talk}/commitments/new", f"/bureau/rounds/{now}", f"/bureau/rounds/{now}/roster"),
            *(f"/bureau/rounds/{now}/turnout", f"/bureau/rounds/{now}/letters/{city.estate}/confirm"),
            *(f"/bureau/rounds/{number_of_past()}/scorecard", f"/bureau/rounds/{number_of_past()}/release"),
            *(f"/bureau/rounds/{number_of_past()}/what-if?red=80", f"/bureau/rounds/{number_of_past()}/sheets"),
            *("/bureau/adjustments", "/bureau/adjustments/new"),
        ],
        "subdistrict": ["/subdistrict", "/subdistrict/gaps", "/subdistrict/talks"],
        "community": ["/committee"],
        "committee": ["/committee", f"/committee/estates/{city.rated.id}/rate", "/committee/preview"],
        "company": [
            *("/company", f"/company/estates/{city.rated.id}/rate", f"/company/estates/{city.rated.id}/self"),
            "/company/preview",
        ],
        "auditor": ["/audit", "/bureau/rounds", "/audit/spot-checks", f"/audit/releases/{past_release()}/spot-check"],
    }


def past_release() -> int:
    """The number of the published release."""
    return int(Listing.query.first().release.number)


def number_of_past() -> int:
    """The number of the published round."""
    return int(Listing.query.first().release.round.number)
