"""The auditor opens a sample of rows; what that showed is recorded, which row said what is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM, Role
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.releases.models import Release
from rating.reviews.models import SealedValue
from rating.spotchecks import service as spot_checks
from rating.spotchecks.models import SpotCheck
from rating.spotchecks.queries import draw_receipts
from rating.spotchecks.service import MOST_DRAWS, Drawn, draw_spot_check, read_drawn, record_spot_check, server_part
from tests.factories import ReleaseFactory, RoundFactory, UserFactory
from tests.pages.public import publish
from tests.results.town import KINDS, acting, build_town
from tests.support.client import Client
from tests.support.clock import START

See = Callable[..., Any]
SignIn = Callable[..., Any]
TYPED = "03 07 12 19 24 30 + 05"
SEED = f"{TYPED}-0123456789abcdef"


@pytest.fixture(autouse=True)
def _known_server_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server adds is known here, so that a test can tell which rows a draw opens."""
    monkeypatch.setattr(spot_checks, "server_part", lambda: "0123456789abcdef")


def drawn(size: int) -> Drawn:
    return Drawn(SEED, size)


@pytest.fixture
def release(app: Flask) -> Release:
    release = publish(build_town(KINDS[:2]))
    db.session.commit()
    return release


@pytest.fixture
def auditor(app: Flask) -> Any:
    return UserFactory(role=Role.AUDITOR)


@pytest.fixture
def browser(auditor: Any, sign_in: SignIn) -> Client:
    found: Client = sign_in(auditor)
    return found


def address(release: Release) -> str:
    return f"/audit/releases/{release.number}/spot-check"


def drawn_evaluation(release: Release, size: int = 20) -> Evaluation:
    first = next(iter(draw_receipts(release, SEED, size)))
    return db.session.scalars(select(Evaluation).where(Evaluation.receipt_hash == first)).one()


def test_untouched_rows_all_match_and_open_with_nonce_and_answers(release: Release, auditor: Any) -> None:
    opened = draw_spot_check(release, TYPED, 20, acting(auditor), START)[1]
    assert len(opened) == 20 and all(row.matches for row in opened)
    evaluation = drawn_evaluation(release)
    assert opened[0].receipt_hash == evaluation.receipt_hash and opened[0].score == evaluation.score
    assert opened[0].nonce == db.session.get_one(SealedValue, evaluation.id).nonce
    assert json.loads(opened[0].answers or b"")["round"] == release.round.number


@pytest.mark.parametrize(
    "changes",
    [
        {"marks": "1111111115"},
        {"marks": "1111111111", "score": 0},
        {"marks": "1"},
        {"marks": "999999999x"},
    ],
)
def test_a_mark_changed_after_the_close_makes_the_check_fail(
    release: Release, auditor: Any, changes: dict[str, Any]
) -> None:
    evaluation = drawn_evaluation(release)
    for name, value in changes.items():
        setattr(evaluation, name, value)
    db.session.commit()
    opened = draw_spot_check(release, TYPED, 20, acting(auditor), START)[1]
    assert [row.matches for row in opened] == [False] + [True] * 19
    assert not opened[0].value_matches
    assert record_spot_check(release, drawn(20), "", acting(auditor), START).matching == 19


def test_a_score_changed_after_the_close_makes_the_check_fail(release: Release, auditor: Any) -> None:
    evaluation = drawn_evaluation(release)
    evaluation.score = 1_000_000 if evaluation.score < 1_000_000 else 0
    db.session.commit()
    row = draw_spot_check(release, TYPED, 20, acting(auditor), START)[1][0]
    assert row.value_matches and not row.score_matches and not row.matches


def test_a_mark_and_its_seal_both_changed_still_fail_against_the_published_value(
    release: Release, auditor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even past the trigger: what was published stands in another table, and in everybody's downloads."""
    evaluation = drawn_evaluation(release)
    evaluation.marks, evaluation.score = "1" * 10, 0
    db.session.flush()
    table = "sealed_value"
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(sa.text(f"DROP TRIGGER {table}_refuses_update"))
    else:
        db.session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    seal = db.session.get_one(SealedValue, evaluation.id)
    seal.nonce, seal.value = b"n" * 32, b"v" * 32
    db.session.flush()
    assert not draw_spot_check(release, TYPED, 20, acting(auditor), START)[1][0].value_matches
    db.session.rollback()


def test_an_evaluation_moved_to_another_estate_makes_the_check_fail(release: Release, auditor: Any) -> None:
    evaluation = drawn_evaluation(release)
    others = select(Evaluation.rated_estate_id).where(Evaluation.rated_estate_id != evaluation.rated_estate_id)
    evaluation.rated_estate_id = db.session.scalars(others).first() or 0
    db.session.commit()
    assert not draw_spot_check(release, TYPED, 20, acting(auditor), START)[1][0].matches


def test_drawing_and_recording_are_events_without_a_row_in_them(release: Release, auditor: Any) -> None:
    draw_spot_check(release, TYPED, 5, acting(auditor), START)
    record_spot_check(release, drawn(5), "无异常", acting(auditor), START)
    events = db.session.scalars(select(Event).where(Event.kind.startswith("spot_check")).order_by(Event.number)).all()
    assert [one.kind for one in events] == ["spot_check.drawn", "spot_check.recorded"]
    assert events[0].data == events[1].data == {"seed": SEED, "opened": 5, "matching": 5}
    assert {one.subject for one in events} == {f"release:{release.number}"}


def test_a_seed_is_recorded_once(release: Release, auditor: Any) -> None:
    record_spot_check(release, drawn(5), "", acting(auditor), START)
    with pytest.raises(Conflict, match="recorded already"):
        record_spot_check(release, drawn(20), "", acting(auditor), START)


@pytest.mark.parametrize(("seed", "size"), [("", 5), ("  ", 5), ("x" * 64, 5), (TYPED, 0), (TYPED, 201)])
def test_a_seed_and_a_size_have_bounds(release: Release, auditor: Any, seed: str, size: int) -> None:
    with pytest.raises(Invalid):
        draw_spot_check(release, seed, size, acting(auditor), START)


def test_only_an_auditor_opens_rows(release: Release) -> None:
    for actor in (SYSTEM, acting(UserFactory(role=Role.BUREAU))):
        with pytest.raises(Refused):
            draw_spot_check(release, TYPED, 5, actor, START)


@pytest.mark.parametrize("statement", ["UPDATE spot_check SET matching = 0", "DELETE FROM spot_check"])
def test_the_database_itself_keeps_what_was_found(release: Release, auditor: Any, statement: str) -> None:
    record_spot_check(release, drawn(5), "", acting(auditor), START)
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="spot check"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_the_server_adds_to_what_was_typed_so_that_no_seed_can_be_sought(
    release: Release, auditor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spot_checks, "server_part", server_part)
    first, opened = draw_spot_check(release, TYPED, 20, acting(auditor), START)
    second, opened_then = draw_spot_check(release, TYPED, 20, acting(auditor), START)
    assert re.fullmatch(re.escape(TYPED) + "-[0-9a-f]{16}", first.seed)
    assert first.seed != second.seed
    hashes = [row.receipt_hash for row in opened]
    assert hashes == list(draw_receipts(release, first.seed, 20))
    assert hashes != [row.receipt_hash for row in opened_then]
    assert hashes != list(draw_receipts(release, TYPED, 20))


def test_the_longest_seed_that_can_be_typed_fits_with_what_the_server_adds(release: Release, auditor: Any) -> None:
    made, _opened = draw_spot_check(release, "长" * 63, 5, acting(auditor), START)
    assert record_spot_check(release, made, "", acting(auditor), START).seed == "长" * 63 + "-0123456789abcdef"


def test_a_signed_draw_is_good_for_its_release_and_whoever_drew(release: Release, auditor: Any) -> None:
    actor, secret = acting(auditor), "key"
    token = drawn(5).sign(release, actor, secret)
    assert read_drawn(token, release, actor, secret) == drawn(5)
    other_release = ReleaseFactory(number=2, scorecard__round=RoundFactory(published=True))
    other_auditor = acting(UserFactory(role=Role.AUDITOR))
    tries = [
        ("", release, actor, secret),
        (token + "x", release, actor, secret),
        (token, other_release, actor, secret),
        (token, release, other_auditor, secret),
        (token, release, SYSTEM, secret),
        (token, release, actor, "another key"),
    ]
    for each in tries:
        with pytest.raises(Invalid, match="Draw first"):
            read_drawn(*each)


def test_a_release_is_drawn_from_ten_times_and_then_no_more(release: Release, auditor: Any) -> None:
    for _time in range(MOST_DRAWS):
        draw_spot_check(release, TYPED, 1, acting(auditor), START)
    with pytest.raises(Conflict, match="10 times at most"):
        draw_spot_check(release, TYPED, 1, acting(auditor), START)


# ---- on pages


def test_the_auditor_draws_sees_and_records(release: Release, browser: Client, see: See, client: Client) -> None:
    assert "尚未抽查" in see(client, f"/releases/{release.number}").text
    opened = see(browser, address(release), data={"seed": TYPED, "size": "3"})
    assert "3份中3份一致" in opened.text and len(opened.all("main h2")) == 3
    nonce = db.session.get_one(SealedValue, drawn_evaluation(release).id).nonce
    assert nonce.hex() in opened.text
    see(browser, f"{address(release)}/record", data={**opened.fields(), "note": "现场打开,无异常"})
    told = see(client, f"/releases/{release.number}")
    assert "抽查3份，其中3份与评价截止时的内容一致" in told.text and SEED in told.text and "无异常" in told.text
    assert nonce.hex() not in told.text and drawn_evaluation(release).receipt_hash.hex() not in told.text


def test_opened_rows_are_in_that_one_answer_and_nowhere_else(release: Release, browser: Client, see: See) -> None:
    response = browser.post(address(release), data={"seed": TYPED, "size": "3"})
    assert "no-store" in response.headers["Cache-Control"]
    nonces = re.findall(r"[0-9a-f]{64}", response.get_data(as_text=True))
    assert nonces
    assert not any(one in see(browser, address(release)).html for one in nonces)
    logged = json.dumps([one.data for one in db.session.scalars(select(Event))])
    assert not any(one in logged for one in nonces)
    assert db.session.scalars(select(SpotCheck)).all() == []


def test_a_failed_check_is_shown_in_public(release: Release, browser: Client, see: See, client: Client) -> None:
    drawn_evaluation(release).marks = "1111111115"
    opened = see(browser, address(release), data={"seed": TYPED, "size": "20"})
    assert "20份中19份一致" in opened.text and "不一致" in opened.text
    see(browser, f"{address(release)}/record", data=opened.fields())
    assert "1份不一致" in see(client, f"/releases/{release.number}").text


def test_draws_that_nobody_recorded_are_counted_in_public(
    release: Release, browser: Client, see: See, client: Client
) -> None:
    see(browser, address(release), data={"seed": TYPED, "size": "3"})
    told = see(client, f"/releases/{release.number}").text
    assert "共抽取1次，记录0次" in told and "尚未抽查" not in told
    opened = see(browser, address(release), data={"seed": TYPED, "size": "3"})
    see(browser, f"{address(release)}/record", data=opened.fields())
    for page in (f"/releases/{release.number}", f"/releases/{release.number}/receipts"):
        assert "共抽取2次，记录1次" in see(client, page).text


def test_the_eleventh_draw_is_refused_beside_the_seed(
    release: Release, auditor: Any, browser: Client, see: See
) -> None:
    for _time in range(MOST_DRAWS):
        draw_spot_check(release, TYPED, 1, acting(auditor), START)
    db.session.commit()
    page = see(browser, address(release), status=409, data={"seed": TYPED, "size": "1"})
    assert "最多抽取10次" in page.errors["seed"] and page.fields()["seed"] == TYPED


@pytest.mark.parametrize("forged", [{}, {"drawn": ""}, {"drawn": "made.up"}, {"seed": SEED, "size": "2"}])
def test_nothing_is_recorded_that_was_not_drawn_here(
    release: Release, browser: Client, see: See, forged: dict[str, str]
) -> None:
    see(browser, address(release), data={"seed": TYPED, "size": "2"})
    page = see(browser, f"{address(release)}/record", status=422, data={"note": "", **forged})
    assert "请先抽取" in page.errors["seed"]
    assert db.session.scalars(select(SpotCheck)).all() == []


def test_the_result_is_worked_out_anew_and_not_taken_from_the_form(release: Release, browser: Client, see: See) -> None:
    opened = see(browser, address(release), data={"seed": TYPED, "size": "4"})
    forged = {**opened.fields(), "opened": "100", "matching": "100", "seed": "mine", "size": "1"}
    see(browser, f"{address(release)}/record", data=forged)
    found = db.session.scalars(select(SpotCheck)).one()
    assert (found.opened, found.matching, found.seed) == (4, 4, SEED)


def test_what_was_typed_is_kept_when_something_is_wrong(release: Release, browser: Client, see: See) -> None:
    page = see(browser, address(release), status=422, data={"seed": "", "size": "900"})
    assert set(page.errors) == {"seed", "size"} and page.fields()["size"] == "900"


def test_a_note_that_is_too_long_is_kept_and_opens_no_row_again(release: Release, browser: Client, see: See) -> None:
    record, long = f"{address(release)}/record", "长" * 501
    opened = see(browser, address(release), data={"seed": TYPED, "size": "2"})
    page = see(browser, record, status=422, data={**opened.fields(), "note": long})
    assert "note" in page.errors and page.fields()["note"].strip() == long
    assert page.fields()["drawn"] == opened.fields()["drawn"]
    assert opened.all("main h2") and not page.all("main h2 + dl")
    assert not re.search(r"[0-9a-f]{64}", page.html)
    assert len(db.session.scalars(select(Event).where(Event.kind == "spot_check.drawn")).all()) == 1
    see(browser, record, data={**page.fields(), "note": "短"})
    page = see(browser, record, status=409, data=opened.fields())
    assert "已经记录过" in page.errors["seed"]


def test_the_bureau_neither_sees_nor_draws(release: Release, sign_in: SignIn, see: See) -> None:
    other = sign_in(UserFactory(role=Role.BUREAU))
    see(other, address(release), status=403)
    see(other, address(release), status=403, data={"seed": TYPED, "size": "2"})
    see(other, f"{address(release)}/record", status=403, data={"seed": TYPED, "size": "2"})


def test_releases_to_check_are_found_from_the_event_log(release: Release, browser: Client, see: See) -> None:
    chosen = see(browser, see(browser, "/audit").links()["抽查"])
    assert f"第{release.number}号评价公告" in chosen.text
    assert see(browser, chosen.links("main a")[f"第{release.number}号评价公告"]).path == address(release)


def test_a_release_without_lists_has_nothing_to_open(browser: Client, see: See) -> None:
    bare = ReleaseFactory(scorecard__round=RoundFactory(published=True))
    see(browser, address(bare), status=409)
    assert "还没有带计入清单的公告" in see(browser, "/audit/spot-checks").text


def test_a_draw_needs_the_forms_token(release: Release, auditor: Any, csrf_client: Client, see: See) -> None:
    csrf_client.sign_in(auditor)
    see(csrf_client, address(release), status=400, data={"seed": TYPED, "size": "2"})
