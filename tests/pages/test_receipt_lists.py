"""The public lists of what was counted, by company and estate."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client as WsgiClient

from rating.access import SYSTEM
from rating.evaluations.models import Evaluation
from rating.evaluations.tickets import receipt_number
from rating.extensions import db
from rating.releases import receipt_queries
from rating.releases.models import ReceiptList, Release
from rating.releases.service import draft_release, publish_release, start_preview, stop_preview
from rating.results.service import compute_scorecard
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate
from rating.workbooks import writing as spreadsheets
from tests.factories import (
    EvaluationFactory,
    FlagFactory,
    ListedReceiptFactory,
    ReleaseFactory,
    ReviewFactory,
    RoundFactory,
)
from tests.pages.public import PUBLISHED, WHILE_SHOWN, publish, publish_town
from tests.results.town import Town, acting, build_town, bureau, compute
from tests.reviews.flags import preview_while_one_waits
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Any]
RECEIPT = bytes(range(16))
HASH = hashlib.sha256(RECEIPT).digest()


@pytest.fixture
def published(app: Flask) -> tuple[Town, Release]:
    """A published town in whose first estate one household holds RECEIPT."""
    return publish_town()


def give_receipt(rated: RatedEstate) -> bytes:
    """The receipt hash of an evaluation of this estate."""
    found = db.session.scalars(select(Evaluation.receipt_hash).where(Evaluation.rated_estate_id == rated.id)).all()
    return next(one for one in found if one is not None)


def hold_receipt(rated: RatedEstate) -> Evaluation:
    """Let the household of one of an estate's evaluations hold RECEIPT."""
    of_residents = (Evaluation.rated_estate_id == rated.id, Evaluation.receipt_hash.is_not(None))
    evaluation = db.session.scalars(select(Evaluation).where(*of_residents)).first()
    assert evaluation is not None
    evaluation.receipt_hash = HASH
    return evaluation


def lines(page: Page) -> list[list[str]]:
    """The hashes and values of a list's page, which may break anywhere."""
    return [[cell.replace(" ", "") for cell in row] for row in page.rows()[1:]]


def read_csv(client: Client, url: str) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_a_shown_estate_has_its_own_list_and_the_folded_stand_together(
    published: tuple[Town, Release], client: Client, see: See
) -> None:
    _, release = published
    rows = {tuple(row) for row in see(client, f"/releases/{release.number}/receipts").rows()[1:]}
    assert ("good company", "good estate 1", "70") in rows and ("low company", "low estate 1", "48") in rows
    # 4, 7 and, taken in so that there are ten in two, nothing else: 50 of the first are shown by themselves.
    assert ("plain company", "plain estate 1", "50") in rows and ("plain company", "合并的小区第1组", "11") in rows
    assert ("few company", "所有参评小区", "6") in rows, "its n alone is published anyway"
    assert not any("plain estate 2" in row[1] or "plain estate 3" in row[1] for row in rows)
    assert not any(row[0] == "unseen company" for row in rows)


def test_what_a_company_or_estate_is_called_narrows_the_lists(
    published: tuple[Town, Release], client: Client, see: See
) -> None:
    town, release = published
    page = see(client, f"/releases/{release.number}/receipts?q=bad")
    assert {row[0] for row in page.rows()[1:]} == {"bad company"}
    code = town.estates["good"][1].estate.code
    assert [row[1] for row in see(client, f"/releases/{release.number}/receipts?q={code}").rows()[1:]] == [
        "good estate 2"
    ]
    assert "没有" in see(client, f"/releases/{release.number}/receipts?q=nothing").text


def test_a_list_is_sorted_and_is_of_the_receipts_that_were_counted(
    published: tuple[Town, Release], client: Client, see: See
) -> None:
    town, release = published
    rated = town.estates["good"][0]
    address = see(client, f"/releases/{release.number}/receipts").links()["good estate 1"]
    rows = lines(see(client, address))
    stored = {
        one.hex(): value.hex()
        for one, value in db.session.execute(
            select(Evaluation.receipt_hash, SealedValue.value)
            .join(SealedValue, SealedValue.evaluation_id == Evaluation.id)
            .where(Evaluation.rated_estate_id == rated.id)
        )
    }
    assert dict(rows) == stored and len(stored) == 70
    assert [row[0] for row in rows] == sorted(stored)


def test_two_signs_at_most_narrow_a_list(published: tuple[Town, Release], client: Client, see: See) -> None:
    town, release = published
    mine = give_receipt(town.estates["good"][0]).hex()
    address = see(client, f"/releases/{release.number}/receipts").links()["good estate 1"]
    page = see(client, f"{address}?start={mine}")
    shown = [row[0] for row in lines(page)]
    assert mine in shown and all(one.startswith(mine[:2]) for one in shown)
    assert page.fields()["start"] == mine[:2]
    assert len(see(client, f"{address}?start=zz").rows()) == 71, "what is no hex digit narrows nothing"


def test_the_table_files_hold_every_line_and_add_up_to_what_was_counted(
    published: tuple[Town, Release], client: Client
) -> None:
    _, release = published
    rows = read_csv(client, f"/releases/{release.number}/receipts.csv?lang=en")
    assert len(rows) == release.counted == len({row["SHA-256 of the receipt"] for row in rows})
    assert {len(row["Check value"]) for row in rows} == {64}
    one = read_csv(client, f"/releases/{release.number}/receipts/1.csv?lang=en")
    assert one == [row for row in rows if row["List"] == "1"]


def test_the_file_of_all_lists_is_sent_as_it_is_read(published: tuple[Town, Release], client: Client) -> None:
    response = client.get(f"/releases/{published[1].number}/receipts.csv", buffered=False)
    assert response.is_streamed and "ETag" not in response.headers
    assert len(list(response.response)) >= 1
    response.close()


def test_the_file_of_all_lists_comes_whole_after_its_view_has_ended(
    published: tuple[Town, Release], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server sends it: in a thread without any context of ours, longer than what is read at once."""
    _, release = published
    address, counted = f"/releases/{release.number}/receipts.csv", release.counted
    monkeypatch.setattr(receipt_queries, "READ_AT_ONCE", 2)
    monkeypatch.setattr(spreadsheets, "ROWS_A_PIECE", 2)
    db.session.commit()
    with ThreadPoolExecutor(1) as server:
        text = server.submit(lambda: WsgiClient(app).get(address).get_data(as_text=True)).result()
    assert len(text.splitlines()) == 1 + counted


def test_no_list_tells_a_mark_a_nonce_or_a_day(published: tuple[Town, Release], client: Client) -> None:
    _, release = published
    text = client.get(f"/releases/{release.number}/receipts.csv").get_data(as_text=True)
    nonces = db.session.scalars(select(SealedValue.nonce)).all()
    assert not any(nonce.hex() in text for nonce in nonces)
    marks = db.session.scalars(select(Evaluation.marks).where(Evaluation.receipt_hash.is_not(None))).all()
    assert not any(mark in text for mark in set(marks) if not mark.isdigit())
    assert "2026-" not in text and "评价期" not in text


def test_the_release_and_the_look_up_lead_to_the_lists(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town = build_town()
    rated = town.estates["good"][0]
    hold_receipt(rated)
    release = publish(town)
    assert f"/releases/{release.number}/receipts" in see(client, f"/releases/{release.number}").links().values()
    page = see(client, "/receipts", data={"number": receipt_number(RECEIPT)})
    address = page.links("main a")["查看good estate 1的清单"]
    assert HASH.hex() in page.text and HASH.hex() in dict(lines(see(client, address)))


def test_a_receipt_of_a_folded_estate_stands_under_its_company(app: Flask, client: Client, see: See) -> None:
    town = build_town()
    rated = town.estates["plain"][1]
    hold_receipt(rated)
    publish(town)
    page = see(client, "/receipts", data={"number": receipt_number(RECEIPT)})
    address = page.links("main a")["到所在小区合并的那份清单"]
    listed = see(client, address)
    assert HASH.hex() in dict(lines(listed)) and "plain estate" not in listed.text


def test_a_trial_round_has_one_list_that_names_no_company(app: Flask, client: Client, see: See) -> None:
    town, release = publish_town(trial=True)
    page = see(client, f"/releases/{release.number}/receipts")
    assert page.rows()[1:] == [["本期全部", "全部小区", str(release.counted)]]
    assert "company" not in page.one("main table").get_text()
    evaluation = EvaluationFactory(rated_estate=town.all_estates[0], receipt_hash=HASH)
    listed = db.session.scalars(select(ReceiptList)).one()
    ListedReceiptFactory(receipt_list=listed, receipt_hash=evaluation.receipt_hash)
    assert "已计入试评的总数" in see(client, "/receipts", data={"number": receipt_number(RECEIPT)}).text


def test_a_release_without_lists_says_so(app: Flask, client: Client, see: See) -> None:
    release = ReleaseFactory(scorecard__round=RoundFactory(published=True))
    assert "没有计入清单" in see(client, f"/releases/{release.number}/receipts", status=404).text
    see(client, "/releases/99/receipts", status=404)


def test_a_list_that_there_is_not_is_not_found(published: tuple[Town, Release], client: Client, see: See) -> None:
    see(client, f"/releases/{published[1].number}/receipts/99", status=404)
    assert client.get(f"/releases/{published[1].number}/receipts/99.csv").status_code == 404


def test_an_evaluation_that_was_accepted_after_it_was_shown_is_told_so(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    """Its company's figures stay as the first preview showed them, so it stands in no list, and that is no fault."""
    town = build_town()
    rated = town.estates["good"][0]
    evaluation = hold_receipt(rated)
    flag = FlagFactory(evaluation=evaluation)
    compute(town)
    preview_while_one_waits(town.round)
    stop_preview(town.round, "一份评价要再看", acting(bureau()), START)
    ReviewFactory(flag=flag)
    compute_scorecard(town.round, SYSTEM, START + timedelta(hours=1))
    start_preview(town.round, SYSTEM, START + timedelta(hours=2))
    draft = draft_release(town.round, "", acting(bureau()), START)
    release = publish_release(draft, draft.digest, acting(bureau()), PUBLISHED)
    clock.set(WHILE_SHOWN)
    assert "后来采信，未计入分数" in see(client, "/receipts", data={"number": receipt_number(RECEIPT)}).text
    assert release.received == release.counted + 1
    told = see(client, f"/companies/{rated.company.code}").text
    assert "数据保持本期此前公示或公告时的样子" in told
