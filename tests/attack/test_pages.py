"""Nothing that the site shows tells apart two rounds whose cells add up to the same: every page and file, to the byte.

The arithmetic of this attack reads the file of folded tallies; here the pages, the downloads, the receipt lists and the
previews are held against it: whatever they show of residents' answers must follow from that file.
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections import deque
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from rating.releases.service import draft_release, publish_release, start_preview
from rating.results.service import compute_scorecard
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Direction
from rating.storage.engines import close_connections
from tests.factories import UserFactory
from tests.pages.public import PUBLISHED, WHILE_SHOWN
from tests.results.town import acting, build_town
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.databases import make_app, migrate

pytestmark = pytest.mark.long

Shown = dict[str, bytes]
LINK = re.compile(rb'(?:href|src)="(/[^"#]*)')
TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"')
SIGNING = ("drafter", "signer")
MOST = 2_000  # pages of a small town, in both languages


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, session_clock: Clock) -> Path:
    """A database with a closed round, in which two estates of one company were too small to be shown."""
    folder = tmp_path_factory.mktemp("twins")
    session_clock.set(START)
    app = site(folder / "town.sqlite3", session_clock)
    migrate(app)
    with app.app_context():
        town = build_town()
        for name in SIGNING:
            UserFactory(username=name, role=Role.BUREAU)
        for company in town.companies.values():
            UserFactory(username=f"of-{company.code.lower()}", role=Role.COMPANY, scope=company)
        for place in (0, 1):
            rated = town.estates["plain"][place]
            UserFactory(username=f"committee-{place}", role=Role.COMMITTEE, scope=rated.estate)
        db.session.commit()
        close_connections()
    return folder / "town.sqlite3"


def site(file: Path, clock: Clock) -> Flask:
    """An application on a file of its own."""
    app = make_app(f"sqlite:///{file}", file.parent, clock)
    app.test_client_class = Client
    return app


def sheets(code_part: str, place: int) -> list[Evaluation]:
    """Residents' evaluations of an estate of the town, by key."""
    estates = db.session.scalars(
        select(RatedEstate).join(Estate).where(Estate.name == f"{code_part} estate {place}")
    ).all()
    return list(
        db.session.scalars(
            select(Evaluation)
            .where(Evaluation.rated_estate_id == estates[0].id, Evaluation.direction == Direction.RESIDENT_TO_COMPANY)
            .order_by(Evaluation.id)
        )
    )


def exchange(one: Evaluation, other: Evaluation) -> None:
    """Let two households have answered what the other did."""
    assert one.marks != other.marks
    one.marks, other.marks = other.marks, one.marks
    one.score, other.score = other.score, one.score


def exchange_two_marks(some: list[Evaluation]) -> None:
    """Let two households of one estate have given each other's marks to two questions; their scores stay."""
    for one, other in itertools.combinations(some, 2):
        if "?" in one.marks + other.marks:
            continue
        differences = [int(a) - int(b) for a, b in zip(one.marks, other.marks, strict=True)]
        for first, second in itertools.combinations(range(len(differences)), 2):
            if differences[first] == -differences[second] != 0:
                signs = [list(one.marks), list(other.marks)]
                for place in (first, second):
                    signs[0][place], signs[1][place] = signs[1][place], signs[0][place]
                one.marks, other.marks = ("".join(row) for row in signs)
                return
    raise AssertionError("no two sheets of this estate can be exchanged so")


def walk(client: Client, start: list[str]) -> Shown:
    """Every page and file that can be reached, in both languages."""
    waiting = deque(start)
    found: Shown = {}
    while waiting:
        path = waiting.popleft()
        if path in found or path.startswith("/static/"):
            continue
        answer = client.get(path)
        found[path] = TOKEN.sub(b"", answer.data)  # another in every session, and nobody's answer
        assert len(found) < MOST
        if answer.status_code == 200 and answer.mimetype == "text/html":
            waiting.extend(link.decode().replace("&amp;", "&") for link in LINK.findall(answer.data))
        elif answer.status_code in (301, 302, 303):
            waiting.append(answer.headers["Location"])
    return found


def show(file: Path, clock: Clock, *, change: str) -> Shown:
    """All that is shown of a round: its preview to companies and committees, then its release to everybody."""
    copy = file.with_name(f"{change}.sqlite3")
    shutil.copy(file, copy)
    clock.set(START)
    app = site(copy, clock)
    with app.app_context():
        if change == "between estates":
            exchange(sheets("plain", 2)[0], sheets("plain", 3)[0])
        elif change == "between sheets":
            exchange_two_marks(sheets("plain", 1))
        elif change == "one answer":
            sheet = next(one for one in sheets("plain", 2) if one.marks[0] in "2345")
            sheet.marks = "1" + sheet.marks[1:]
        db.session.commit()
        round_ = db.session.scalars(select(Round)).one()
        compute_scorecard(round_, SYSTEM, START)
        start_preview(round_, SYSTEM, START)
        db.session.commit()
        shown = in_preview(app)
        drafter, signer = (db.session.scalars(select(User).where(User.username == name)).one() for name in SIGNING)
        draft = draft_release(round_, "", acting(drafter), START)
        publish_release(draft, draft.digest, acting(signer), PUBLISHED)
        db.session.commit()
        clock.set(WHILE_SHOWN)
        shown |= walk(app.test_client(), ["/", "/?lang=en"])
        close_connections()
    return shown


def in_preview(app: Flask) -> Shown:
    """What each company and two committees are shown."""
    found: Shown = {}
    for user in db.session.scalars(select(User).where(User.username.like("of-%") | User.username.like("committee-%"))):
        client = app.test_client()
        client.sign_in(user)
        pages = ["/company/preview", "/committee/preview"]
        found |= {f"{user.username} {path}": body for path, body in walk(client, pages).items() if "preview" in path}
    return found


@pytest.fixture(scope="module")
def as_it_was(town: Path, session_clock: Clock) -> Shown:
    """What is shown of the round as it was answered."""
    return show(town, session_clock, change="nothing")


def test_the_walk_reaches_every_kind_of_page_and_file(as_it_was: Shown) -> None:
    parts = [
        "/companies/",
        "/estates/",
        "/releases/1/receipts/",
        "/releases/1/tallies.json",
        "/method",
        ".csv",
        "lang=en",
    ]
    assert all(any(part in path for path in as_it_was) for part in parts)
    assert len([path for path in as_it_was if path.startswith(("of-", "committee-"))]) >= 9
    assert not any(b"Traceback" in body for body in as_it_was.values())


@pytest.mark.parametrize("change", ["between estates", "between sheets"])
def test_nothing_shows_from_which_estate_of_a_group_or_on_which_sheet_an_answer_is(
    town: Path, as_it_was: Shown, session_clock: Clock, change: str
) -> None:
    """A household of one small estate answered what one of the other did, and the other way round; or two households of
    a shown estate gave each other's marks to two questions.
    """
    again = show(town, session_clock, change=change)
    assert again.keys() == as_it_was.keys()
    assert [path for path, body in again.items() if body != as_it_was[path]] == []


def test_control_one_answer_less_in_the_group_is_seen(town: Path, as_it_was: Shown, session_clock: Clock) -> None:
    """The walk does look: had one household marked one thing otherwise, the tallies and the company's page change."""
    again = show(town, session_clock, change="one answer")
    changed = [path for path, body in again.items() if body != as_it_was.get(path)]
    assert "/releases/1/tallies.json" in changed and any(path.startswith("/companies/") for path in changed)
