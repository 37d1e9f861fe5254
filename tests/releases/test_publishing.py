"""Drafting, signing, and what a release then holds for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from rating.access import SYSTEM, Role
from rating.adjustments.models import AdjustmentKind
from rating.adjustments.service import withdraw_adjustment
from rating.audit.models import Event
from rating.audit.service import record
from rating.audit.verifying import verify_chain
from rating.errors import Conflict, Invalid, NotFound, Refused
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company
from rating.releases.models import Listing, Release, ReleaseDraft
from rating.releases.queries import (
    find_current_release,
    find_draft,
    find_estate_result,
    find_listing,
    find_release_of_round,
    get_draft,
    get_release,
    list_company_history,
    list_estate_results,
    list_listings,
    list_releases,
)
from rating.releases.service import draft_release, publish_release, start_preview, stop_preview, withdraw_draft
from rating.results.queries import get_scorecard
from rating.results.service import counts_what_was_withdrawn
from rating.rounds.models import RoundState
from rating.rounds.queries import CODES_ISSUED, list_rated_estates
from rating.rounds.service import issue_codes
from rating.scoring import RESIDENTS, FoldedTallies, Standing
from tests.factories import (
    AccessChangeFactory,
    AdjustmentFactory,
    FlagFactory,
    ReleaseFactory,
    ReviewFactory,
    UserFactory,
)
from tests.results.town import KINDS, Kind, Town, acting, build_town, build_town_in_preview, bureau, compute
from tests.reviews.flags import preview_while_one_waits
from tests.support.client import Client
from tests.support.clock import START, Clock

See = Callable[..., Any]
SignIn = Callable[..., Any]
LAST_DAY = datetime(2026, 9, 20, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
AFTER = datetime(2026, 9, 20, 16, 0, tzinfo=UTC)  # midnight


def preview(town: Town) -> Town:
    compute(town)
    start_preview(town.round, SYSTEM, START)
    return town


def publish(town: Town, at: datetime = AFTER) -> Release:
    draft = draft_release(town.round, "", acting(bureau()), START)
    return publish_release(draft, draft.digest, acting(bureau()), at)


@pytest.fixture
def town(app: Flask) -> Town:
    """The town in preview."""
    return build_town_in_preview()


def test_a_release_carries_the_head_of_the_event_log_and_its_page_shows_it(
    town: Town, see: See, client: Client
) -> None:
    """Kept by whoever keeps the page, it shows whether the log was cut or computed anew since."""
    draft = draft_release(town.round, "", acting(bureau()), START)
    db.session.commit()
    last = db.session.scalars(select(Event).order_by(Event.number.desc())).first()
    assert last is not None
    release = publish_release(draft, draft.digest, acting(bureau()), AFTER)
    db.session.commit()
    assert (release.log_number, release.log_hash) == (last.number, last.hash)
    assert verify_chain(db.session.connection(), [last.hash]).found == {last.hash: last.number}
    assert last.hash.hex() in see(client, f"/releases/{release.number}").text
    with pytest.raises(DBAPIError, match="a release is never changed"):
        db.session.execute(text("UPDATE release SET log_number = log_number - 1"))


def test_whoever_drafted_a_release_can_not_sign_it(town: Town) -> None:
    drafter = acting(bureau())
    draft = draft_release(town.round, "", drafter, START)
    with pytest.raises(Refused, match="Somebody else"):
        publish_release(draft, draft.digest, drafter, AFTER)
    assert town.round.state is RoundState.PREVIEW


def test_whoever_printed_letters_in_the_round_can_not_sign_it(town: Town) -> None:
    printer = acting(bureau())
    rated = list_rated_estates(town.round)[0]
    town.round.state = RoundState.OPEN
    db.session.flush()
    issue_codes(rated, b"key", printer, START)
    town.round.state = RoundState.PREVIEW
    db.session.flush()
    draft = draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Refused, match="printed letters"):
        publish_release(draft, draft.digest, printer, AFTER)


def test_whoever_was_let_in_by_the_drafter_can_not_sign_and_is_told_who_can(town: Town) -> None:
    drafter, signer, third = bureau(), bureau(), bureau()
    AccessChangeFactory(user=signer, giver=drafter)
    draft = draft_release(town.round, "", acting(drafter), START)
    with pytest.raises(Refused, match=f"from {drafter.name}, and no third person") as refused:
        publish_release(draft, draft.digest, acting(signer), AFTER)
    assert third.name in str(refused.value)


def test_whoever_let_a_printer_of_letters_in_can_not_sign(town: Town) -> None:
    printer, signer = bureau(), bureau()
    AccessChangeFactory(user=printer, giver=signer)
    record(acting(printer), CODES_ISSUED, f"round:{town.round.number}", START)
    draft = draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Refused, match="don't count as two people"):
        publish_release(draft, draft.digest, acting(signer), AFTER)


def test_a_draft_withdrawn_at_this_moment_is_not_published(town: Town) -> None:
    draft = draft_release(town.round, "", acting(bureau()), START)
    db.session.execute(delete(ReleaseDraft))  # by somebody else, in a transaction that this one does not see yet
    with pytest.raises(Conflict, match="withdrawn"):
        publish_release(draft, draft.digest, acting(bureau()), AFTER)


def test_a_preview_that_shows_a_fault_is_taken_back_with_a_reason(town: Town) -> None:
    with pytest.raises(Invalid):
        stop_preview(town.round, " ", acting(bureau()), START)
    stop_preview(town.round, "一个小区的户数有误", acting(bureau()), START)
    assert (town.round.state, town.round.preview_ends_on) == (RoundState.CLOSED, None)
    start_preview(town.round, SYSTEM, START)


@pytest.mark.parametrize("was_shown", [True, False])
def test_what_an_earlier_preview_showed_cannot_be_subtracted_from_the_next(app: Flask, was_shown: bool) -> None:
    """One evaluation is accepted between two previews: what was shown of the company's residents stays as it was."""
    town = build_town()
    estate = town.estates["good"][0]
    of_residents = (Evaluation.rated_estate_id == estate.id, Evaluation.direction == RESIDENTS)
    flag = FlagFactory(evaluation=db.session.scalars(select(Evaluation).where(*of_residents)).first())
    before = FoldedTallies.from_json(json.loads(compute(town).tallies))
    if was_shown:
        preview_while_one_waits(town.round)
        stop_preview(town.round, "一份评价要再看", acting(bureau()), START)
    ReviewFactory(flag=flag)
    stored = compute(town)
    after = FoldedTallies.from_json(json.loads(stored.tallies))
    old, new = ({one.company: one for one in folded.companies} for folded in (before, after))
    code = estate.company.code
    assert new[code].as_shown is was_shown
    assert (new[code].estates == old[code].estates) is was_shown
    assert new[code].count == old[code].count + (not was_shown)
    assert all(new[other] == old[other] for other in old if other != code)
    totals = (before.totals[RESIDENTS], after.totals[RESIDENTS])
    assert (totals[0] == totals[1]) is was_shown


def test_a_preview_is_not_taken_back_under_a_draft(town: Town) -> None:
    draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Conflict, match="Withdraw"):
        stop_preview(town.round, "有误", acting(bureau()), START)


def test_the_database_itself_wants_two_people(app: Flask) -> None:
    one = bureau()
    with pytest.raises(DBAPIError, match="two_people"):
        ReleaseFactory(drafted_by=one.id, signed_by=one.id)


def test_the_database_itself_wants_what_was_received_to_reconcile(app: Flask) -> None:
    with pytest.raises(DBAPIError, match="received_reconciles"):
        ReleaseFactory(received=100, counted=97, set_aside=1, rejected=1)


def test_nothing_is_published_before_the_preview_is_over(town: Town) -> None:
    with pytest.raises(Conflict, match="2026-09-20"):
        publish(town, LAST_DAY)
    draft = get_draft(town.round)
    assert publish_release(draft, draft.digest, acting(bureau()), AFTER).number == 1


def test_the_system_and_others_publish_nothing(town: Town) -> None:
    with pytest.raises(Refused):
        draft_release(town.round, "", SYSTEM, START)
    draft = draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Refused):
        publish_release(draft, draft.digest, SYSTEM, AFTER)
    with pytest.raises(Refused):
        publish_release(
            draft,
            draft.digest,
            acting(UserFactory(role=Role.SUBDISTRICT, scope=town.estates["good"][0].community.subdistrict)),
            AFTER,
        )


def test_only_a_round_in_preview_is_drafted_and_once(app: Flask) -> None:
    town = build_town(KINDS[:1])
    compute(town)
    with pytest.raises(Conflict):
        draft_release(town.round, "", acting(bureau()), START)
    start_preview(town.round, SYSTEM, START)
    draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Conflict, match="already drafted"):
        draft_release(town.round, "", acting(bureau()), START)


def test_a_draft_can_be_withdrawn_and_written_anew_until_it_is_published(town: Town) -> None:
    drafter = acting(bureau())
    withdraw_draft(draft_release(town.round, "一", drafter, START), drafter, START)
    assert find_draft(town.round) is None
    draft = draft_release(town.round, "二", acting(bureau()), START)
    assert publish_release(draft, draft.digest, drafter, AFTER).note == "二"
    with pytest.raises(Conflict, match="published"):
        withdraw_draft(draft, drafter, AFTER)


def test_a_note_has_its_limit(town: Town) -> None:
    with pytest.raises(Invalid, match="2001"):
        draft_release(town.round, "字" * 2001, acting(bureau()), START)


def test_publishing_moves_the_round_and_is_in_the_event_log(town: Town) -> None:
    release = publish(town)
    assert town.round.state is RoundState.PUBLISHED
    assert (release.published_on, release.shown_until) == (date(2026, 9, 21), date(2026, 12, 21))
    event = db.session.scalar(select(Event).where(Event.kind == "release.published"))
    assert event is not None and event.subject == "release:1"
    assert event.data["digest"] == release.scorecard.digest


def test_what_was_received_reconciles(town: Town) -> None:
    release = publish(town)
    sent = sum(count for kind in KINDS for _, count in kind.estates)
    assert (release.received, release.counted, release.set_aside, release.rejected) == (sent, sent, 0, 0)


@pytest.mark.parametrize("change", ["counted = counted + 1", "note = 'x'", "shown_until = '2027-01-01'"])
def test_a_release_can_not_be_changed(town: Town, change: str) -> None:
    publish(town)
    with pytest.raises(DBAPIError, match="never changed|received_reconciles"):
        db.session.execute(text(f"UPDATE release SET {change}"))


def test_a_listing_can_not_be_changed(town: Town) -> None:
    publish(town)
    with pytest.raises(DBAPIError, match="never changed"):
        db.session.execute(text("UPDATE listing SET standing = 'red'"))


def test_every_company_is_listed_in_order_with_its_place(town: Town) -> None:
    release = publish(town)
    listings = list_listings(release)
    assert [(one.company.name.split()[0], one.standing, one.place) for one in listings] == [
        ("good", Standing.RED, 1),
        ("bad", Standing.BLACK, 1),
        ("low", Standing.WATCH, 1),
        ("fair", Standing.ORDINARY, 1),
        ("plain", Standing.ORDINARY, 2),
        ("few", Standing.INSUFFICIENT, None),
        ("unseen", Standing.INSUFFICIENT, None),
    ]
    assert [one.company.name for one in list_listings(release, Standing.WATCH)] == ["low company"]


def test_the_black_list_begins_with_the_lowest_score(app: Flask) -> None:
    kinds = [Kind("worst", [(100, 80)], 1.6, 0.2), Kind("bad", [(100, 80)], 2.4, 0.4), *KINDS[:2]]
    release = publish(preview(build_town(kinds)))
    assert [one.company.name for one in list_listings(release, Standing.BLACK)] == ["worst company", "bad company"]


def test_a_vetoed_company_without_enough_evaluations_has_no_place(app: Flask) -> None:
    town = build_town()
    AdjustmentFactory(company=town.companies["few"], kind="veto", reason="伪造评价")
    listings = list_listings(publish(preview(town)), Standing.BLACK)
    assert [(one.company.name, one.place) for one in listings] == [("bad company", 1), ("few company", None)]


def test_no_preview_shows_a_result_from_before_a_record_was_withdrawn(app: Flask) -> None:
    town = build_town()
    record = AdjustmentFactory(company=town.companies["plain"], kind=AdjustmentKind.VETO, reason="伪造评价")
    compute(town)
    withdraw_adjustment(record, "判决被撤销", acting(bureau()), START)
    with pytest.raises(Conflict, match="Compute it again"):
        start_preview(town.round, SYSTEM, START)
    assert preview(town).round.state is RoundState.PREVIEW


def test_no_listing_rests_on_a_record_that_was_withdrawn_during_the_preview(app: Flask) -> None:
    town = build_town()
    record = AdjustmentFactory(company=town.companies["plain"], kind=AdjustmentKind.FINDING)
    preview(town)
    AdjustmentFactory(company=town.companies["bad"])  # one more, confirmed too late to count, stops nothing
    assert not counts_what_was_withdrawn(get_scorecard(town.round))
    withdraw_adjustment(record, "判决被撤销", acting(bureau()), START)
    with pytest.raises(Conflict, match="withdrawn"):
        publish(town)
    assert find_release_of_round(town.round) is None


def test_a_listing_holds_the_companys_card_with_decimals_as_text(town: Town) -> None:
    release = publish(town)
    listing = find_listing(release, town.companies["bad"])
    assert listing is not None
    assert {type(listing.result[key]) for key in ("score", "lower", "upper")} == {str}
    assert len(listing.result["costliest"]) == 3
    assert "estates" not in listing.result


def test_estates_with_fewer_than_ten_evaluations_are_nowhere_in_a_release(town: Town) -> None:
    release = publish(town)
    small = [rated.estate.code for rated in town.estates["plain"][1:] + town.estates["few"]]
    everything = release.scorecard.content + json.dumps([one.result for one in list_listings(release)])
    assert not any(f'"{code}"' in everything for code in small)
    assert all(find_estate_result(release, code) is None for code in small)
    assert [estate.name for estate, _ in list_estate_results(release, town.companies["plain"].code)] == [
        "plain estate 1"
    ]
    few = find_listing(release, town.companies["few"])
    assert few is not None
    assert few.result["count"] == 6 and few.result["score"] is None and few.result["directions"] == {}


def test_a_trial_round_lists_nobody(app: Flask) -> None:
    town = preview(build_town(KINDS[:3], trial=True))
    release = publish(town)
    assert release.is_trial and release.counted > 0
    assert list_listings(release) == []
    assert find_estate_result(release, town.estates["good"][0].estate.code) is None
    assert list_estate_results(release, town.companies["good"].code) == []


def test_numbers_follow_each_other_and_the_latest_list_is_current(app: Flask) -> None:
    assert find_current_release(date(2026, 9, 21)) is None
    first = build_town(KINDS[:2])
    one = publish(preview(first))
    second = build_town(KINDS[:2], like=first)
    two = publish(preview(second))
    trial = build_town(KINDS[:1], like=first, trial=True)
    three = publish(preview(trial))
    assert [release.number for release in list_releases()] == [3, 2, 1]
    assert find_current_release(date(2026, 9, 21)) is two
    assert find_current_release(date(2026, 9, 20)) is None
    assert [listing.release for listing in list_company_history(first.companies["good"])] == [two, one]
    assert get_release(3) is three and find_release_of_round(second.round) is two
    with pytest.raises(NotFound, match="99"):
        get_release(99)


def test_a_black_listing_leaves_other_pages_when_its_display_ends(town: Town) -> None:
    publish(town)
    bad, good = (list_company_history(town.companies[name])[0] for name in ("bad", "good"))
    assert bad.is_on_display(date(2026, 12, 21)) and not bad.is_on_display(date(2026, 12, 22))
    assert good.is_on_display(date(2027, 6, 1))


def test_bureau_drafts_and_somebody_else_signs_on_the_page(town: Town, see: See, sign_in: SignIn, clock: Clock) -> None:
    url = f"/bureau/rounds/{town.round.number}/release"
    people = [bureau(), bureau()]
    drafter, signer = [sign_in(one) for one in people]
    assert "没有答复的小区" in see(drafter, url).text
    assert "另一人签发" in see(drafter, f"{url}/draft", data={"note": "第一期"}).text
    assert see(drafter, url).all("details.confirm form[action$=sign]") == []
    assert see(signer, url).all("details.confirm form[action$=sign]") == []
    clock.set(AFTER)
    drafter, signer = [sign_in(one) for one in people]  # a session lasts twelve hours
    see(drafter, f"{url}/sign", status=403, data={})
    assert len(see(signer, url).all("details.confirm form[action$=sign]")) == 1
    page = see(signer, f"{url}/sign", data=see(signer, url).fields("main form[action$=sign]"))
    assert "第1号评价公告已发布" in page.text
    assert page.links()["查看公告"] == "/releases/1"
    see(signer, f"{url}/sign", status=409, data={})


def test_signing_early_is_refused_in_words(town: Town, see: See, sign_in: SignIn) -> None:
    url = f"/bureau/rounds/{town.round.number}/release"
    see(sign_in(bureau()), f"{url}/draft", data={})
    assert "2026-09-20" in see(sign_in(bureau()), f"{url}/sign", status=409, data={}).text
    see(sign_in(bureau()), f"{url}/withdraw", data={})
    see(sign_in(bureau()), f"{url}/sign", status=404, data={})


def test_a_note_that_is_too_long_comes_back_beside_its_field(town: Town, see: See, sign_in: SignIn) -> None:
    url = f"/bureau/rounds/{town.round.number}/release"
    page = see(sign_in(bureau()), f"{url}/draft", status=422, data={"note": "字" * 2001})
    assert "2001" in page.errors["note"]
    assert page.fields(f"main form[action='{url}/draft']")["note"].strip() == "字" * 2001


def test_auditor_follows_the_release_and_does_nothing(town: Town, see: See, sign_in: SignIn) -> None:
    url = f"/bureau/rounds/{town.round.number}/release"
    browser = sign_in(UserFactory(role=Role.AUDITOR))
    assert see(browser, url).all("main form") == []
    see(browser, f"{url}/draft", status=403, data={})


def test_commands_preview_and_publish(run_command: Callable[..., Any], clock: Clock) -> None:
    town = build_town(KINDS[:2])
    drafter, signer = bureau(), bureau()
    number = town.round.number
    run_command("round", "score", number)
    assert "2026-09-20" in run_command("round", "preview", number).output
    words = ("round", "publish", number, "--drafter", drafter.username)
    assert "runs until" in run_command(*words, "--signer", signer.username, fails=True).output
    clock.set(AFTER)
    assert "Somebody else" in run_command(*words, "--signer", drafter.username, fails=True).output
    assert "no user" in run_command(*words, "--signer", "nobody", fails=True).output
    assert "Release 1 is published" in run_command(*words, "--signer", signer.username).output
    assert db.session.scalar(select(func.count()).select_from(Listing)) == 2


def test_listings_name_companies_of_the_register(town: Town) -> None:
    release = publish(town)
    assert {one.company for one in list_listings(release)} == set(db.session.scalars(select(Company)))
