"""A signature stands under exactly the draft that the signer saw, with everything that its release will say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from rating.audit.models import Event
from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.releases.draft_digest import digest_draft
from rating.releases.models import ListedReceipt, Release, ReleaseDraft
from rating.releases.queries import get_draft
from rating.releases.service import draft_release, publish_release, withdraw_draft
from rating.rounds.models import RatedEstate
from rating.scoring import Direction
from tests.factories import FlagFactory, ReleaseDraftFactory, ReleaseFactory, ReviewFactory
from tests.releases.test_publishing import AFTER
from tests.results.town import Town, acting, build_town, build_town_in_preview, bureau, compute
from tests.reviews.flags import preview_while_one_waits
from tests.support.clock import START, Clock

See = Callable[..., Any]
SignIn = Callable[..., Any]


@pytest.fixture
def town(app: Flask) -> Town:
    return build_town_in_preview()


@pytest.fixture
def draft(town: Town) -> ReleaseDraft:
    found = draft_release(town.round, "第一期", acting(bureau()), START)
    db.session.commit()
    return found


def sign(draft: ReleaseDraft, seen: str | None) -> Release:
    return publish_release(draft, seen, acting(bureau()), AFTER)


def test_the_release_keeps_the_digest_of_the_draft_that_was_signed(draft: ReleaseDraft) -> None:
    assert draft.digest is not None and len(draft.digest) == 64
    assert sign(draft, draft.digest).draft_digest == draft.digest
    events = db.session.scalars(select(Event).where(Event.kind.in_(["release.drafted", "release.published"])))
    assert {event.data["draft"] for event in events} == {draft.digest}


def test_the_digest_is_computed_from_the_rows_the_same_each_time(draft: ReleaseDraft) -> None:
    seen = draft.digest
    db.session.expire_all()
    assert digest_draft(draft) == seen


@pytest.mark.parametrize("seen", [None, "", "0" * 64])
def test_without_the_digest_of_this_draft_nothing_is_signed(draft: ReleaseDraft, seen: str | None) -> None:
    with pytest.raises(Conflict, match="not the draft that you saw"):
        sign(draft, seen)
    assert db.session.scalar(select(func.count()).select_from(Release)) == 0


def test_a_draft_that_took_the_place_of_the_one_seen_is_not_signed(
    town: Town, draft: ReleaseDraft, see: See, sign_in: SignIn, clock: Clock
) -> None:
    """The signer's page was open while the drafter wrote another note: in the same round, with the same results."""
    url = f"/bureau/rounds/{town.round.number}/release"
    drafter = acting(bureau())
    clock.set(AFTER)
    signer = sign_in(bureau())
    shown = see(signer, url).fields("main form[action$=sign]")
    withdraw_draft(draft, drafter, AFTER)
    other = draft_release(town.round, "第一期。另有一家企业被点名。", drafter, AFTER)
    db.session.commit()
    page = see(signer, f"{url}/sign", 409, data=shown)
    assert other.digest is not None and other.digest[:16] in page.text
    assert "不是您看到的" in page.text
    assert "已发布" in see(signer, f"{url}/sign", data=see(signer, url).fields("main form[action$=sign]")).text


def _rename(town: Town) -> None:
    town.companies["good"].name = "另一家物业服务有限公司"


def _change_note(town: Town) -> None:
    db.session.execute(update(ReleaseDraft).values(note="改过的话"))


def _exchange_receipts(town: Town) -> None:
    """Two residents' receipts change places: no count changes."""
    estates = [town.estates["good"][0].id, town.estates["fair"][0].id]
    ids = [
        db.session.scalars(
            select(Evaluation.id)
            .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
            .where(RatedEstate.id == estate, Evaluation.direction == Direction.RESIDENT_TO_COMPANY)
            .order_by(Evaluation.id)
        ).first()
        for estate in estates
    ]
    first, second = (db.session.get_one(Evaluation, one) for one in ids)
    ours, theirs = first.receipt_hash, second.receipt_hash
    for one, value in ((first, b"\0" * 32), (second, ours), (first, theirs)):
        one.receipt_hash = value
        db.session.flush()


@pytest.mark.parametrize("change", [_rename, _change_note, _exchange_receipts])
def test_what_changed_since_the_draft_is_not_signed_under_its_digest(
    town: Town, draft: ReleaseDraft, change: Callable[[Town], None]
) -> None:
    seen = draft.digest
    change(town)
    with pytest.raises(Conflict, match="has changed since it was drafted"):
        sign(draft, seen)


def test_a_result_changed_in_the_database_is_not_signed(town: Town, draft: ReleaseDraft) -> None:
    """Somebody with the database's password takes its protection away and turns a black listing red."""
    seen, scorecard = draft.digest, draft.scorecard
    off = "DROP TRIGGER scorecard_refuses_update" + ("" if _is_sqlite() else " ON scorecard")
    db.session.execute(text(off))
    db.session.execute(
        text('UPDATE scorecard SET content = replace(content, \'"standing":"black"\', \'"standing":"red"\')')
    )
    db.session.expire(scorecard)
    with pytest.raises(Conflict, match="has changed since it was drafted"):
        sign(draft, seen)
    db.session.rollback()  # takes the protection back too


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_a_draft_from_before_there_were_digests_is_drafted_again(town: Town, draft: ReleaseDraft) -> None:
    draft.digest = None
    with pytest.raises(Conflict, match="draft the release again"):
        sign(draft, None)
    withdraw_draft(draft, acting(bureau()), START)
    again = draft_release(town.round, "", acting(bureau()), START)
    assert get_draft(town.round) is again
    assert sign(again, again.digest).number == 1


@pytest.mark.parametrize("made_by", [ReleaseDraftFactory, ReleaseFactory])
def test_the_database_takes_no_half_digest(app: Flask, made_by: Callable[..., object]) -> None:
    field = {ReleaseDraftFactory: "digest", ReleaseFactory: "draft_digest"}[made_by]  # type: ignore[index]  # a factory is a class
    with pytest.raises(IntegrityError, match="digest_whole"):
        made_by(**{field: "abc"})
    db.session.rollback()


def test_the_digest_covers_the_receipts_that_the_release_will_list(app: Flask) -> None:
    """An evaluation accepted since the scorecard counts in neither: it is in no list, and changes no digest."""
    town = build_town()
    of_estate = (
        Evaluation.rated_estate_id == town.estates["good"][0].id,
        Evaluation.direction == Direction.RESIDENT_TO_COMPANY,
    )
    flag = FlagFactory(evaluation=db.session.scalars(select(Evaluation).where(*of_estate)).first())
    compute(town)
    preview_while_one_waits(town.round)
    draft = draft_release(town.round, "第一期", acting(bureau()), START)
    before = draft.digest
    ReviewFactory(flag=flag)
    assert digest_draft(draft) == before
    release = sign(draft, before)
    listed = db.session.scalar(select(func.count()).select_from(ListedReceipt))
    assert listed == release.counted
