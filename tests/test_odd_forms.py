"""No odd value ends in a 500 in forms that stand only at some point of a round's life: previews, releases, reviews …

The forms of ordinary days are met in the demonstration: tests/demo/test_odd_values.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM, Role
from rating.accounts.granting import grant_role
from rating.accounts.invitations import issue_invitation
from rating.accounts.models import User
from rating.adjustments.models import AdjustmentState
from rating.extensions import db
from rating.releases.service import draft_release, publish_release, start_preview
from rating.results.service import compute_scorecard
from rating.rounds.models import Round, RoundState
from rating.storage.engines import close_connections
from tests.factories import (
    AccessChangeFactory,
    AccountNoticeFactory,
    AdjustmentFactory,
    CommunityFactory,
    CompanyFactory,
    EstateFactory,
    RoundFactory,
    RulebookFactory,
    UserFactory,
)
from tests.pages.public import PUBLISHED
from tests.results.town import Kind, acting, build_town, bureau
from tests.reviews.flags import flag_some
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.databases import make_app, migrate
from tests.support.odd import Crawler, Target, list_faults

pytestmark = pytest.mark.long

ALIKE = (Kind("alike", [(80, 60), (60, 50)], 4.2, 0.85),)
APART = (Kind("apart", [(80, 60)], 4.85, 0.3), *ALIKE)
Site = tuple[dict[str, Client], list[Target]]
MET = {
    "own_account.dismiss",
    "own_account.invitation",
    "people.reactivate",
    "adjustments.close",
    "adjustments.confirm",
    "checklist.open_",
    "gaps.check",
    "records.delete",
    "records.take_back",
    "releases.begin_preview",
    "releases.draft",
    "releases.end_preview",
    "releases.look_over",
    "releases.sign",
    "releases.withdraw",
    "results.compute",
    "review_queue.decide",
    "closing.close",
    "rulebooks.delete",
    "spotchecks.draw",
    "access_changes.decide",
}


def stage() -> tuple[dict[str, User], dict[str, list[str]]]:
    """Rounds at every point of their lives, and what waits for somebody; who looks, and where each looks first."""
    one, two = bureau(), bureau()
    apart, ready, *others = (build_town(kinds) for kinds in (APART, ALIKE, ALIKE, ALIKE, ALIKE))
    for town in (apart, ready, *others):
        compute_scorecard(town.round, SYSTEM, START)
    seen, drafted, published = others
    for town in others:
        start_preview(town.round, SYSTEM, START)
    draft_release(drafted.round, "", acting(one), START)
    draft = draft_release(published.round, "", acting(one), START)
    publish_release(draft, draft.digest, acting(two), PUBLISHED)
    RoundFactory()
    RoundFactory(over=True, state=RoundState.OPEN, closed_at=None)
    flag_some(apart.estates["alike"][0])
    AdjustmentFactory(
        state=AdjustmentState.PROPOSED, recorded_by=one.id, recorded_at=START, decided_by=None, decided_at=None
    )
    AdjustmentFactory()
    excluded = EstateFactory(not_rated_reason="整体拆迁")
    grant_role(UserFactory(), Role.REVIEWER, CommunityFactory().id, START.date(), None, acting(one), START)
    people = {
        "one": one,
        "two": two,
        "three": bureau(),
        "reviewer": UserFactory(role=Role.REVIEWER, scope=CommunityFactory()),
        "committee": UserFactory(role=Role.COMMITTEE, scope=seen.estates["alike"][0].estate),
        "subdistrict": UserFactory(role=Role.SUBDISTRICT, scope=apart.estates["apart"][0].community.subdistrict),
        "auditor": UserFactory(role=Role.AUDITOR),
    }
    gone, company, rulebook = UserFactory(active=False), CompanyFactory(), RulebookFactory(key="unused")
    AccountNoticeFactory(change=AccessChangeFactory(user=one))
    rounds = db.session.scalars(select(Round.number).order_by(Round.number))
    of_rounds = [f"/bureau/rounds/{number}" for number in rounds]
    places = {
        "stranger": [f"/invitations/{issue_invitation(UserFactory(), SYSTEM, PUBLISHED)}"],
        "one": ["/account", *of_rounds, f"/bureau/register/estates/{excluded.code}"],
        "three": [
            f"/bureau/people/{gone.id}",
            f"/bureau/register/companies/{company.code}",
            f"/bureau/rulebooks/{rulebook.key}/{rulebook.version}",
        ],
        "two": [*of_rounds, "/bureau/people/waiting", "/bureau/adjustments"],
        "reviewer": ["/review"],
        "committee": ["/committee"],
        "subdistrict": ["/subdistrict"],
        "auditor": ["/audit"],
    }
    return people, places


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, session_clock: Clock
) -> Iterator[Site]:
    """Browsers by who sits before them, and all that they can send; nothing that is sent stays."""
    folder: Path = tmp_path_factory.mktemp("odd")
    session_clock.set(START)
    url = f"sqlite:///{folder}/odd.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_server").create("odd")
    app: Flask = make_app(url, folder, session_clock)
    app.test_client_class = Client
    migrate(app)
    with app.app_context():
        people, places = stage()
        db.session.commit()
        session_clock.set(PUBLISHED)
        browsers: dict[str, Client] = {"stranger": app.test_client()}  # type: ignore[dict-item]  # our own client
        for name, user in people.items():
            browsers[name] = app.test_client()  # type: ignore[assignment]  # our own client
            browsers[name].sign_in(user)
        crawler = Crawler(app)
        found = [
            one
            for name, browser in browsers.items()
            for place in places[name]
            for one in crawler.crawl(browser, name, place, deep=2)
        ]
        one_of_each = {(one.endpoint, *sorted(one.names)): one for one in reversed(found) if one.method == "POST"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(db.session, "commit", db.session.flush)
            yield browsers, [one for one in one_of_each.values() if one.endpoint in MET]
        db.session.rollback()
        close_connections()
    if request.param == "postgresql":
        request.getfixturevalue("postgresql_server").drop("odd")


def test_the_forms_of_single_days_are_met(site: Site) -> None:
    assert {one.endpoint for one in site[1]} == MET


def test_no_odd_value_in_them_ends_in_a_500(site: Site) -> None:
    assert list_faults(*site) == []
