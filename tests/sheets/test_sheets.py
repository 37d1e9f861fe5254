"""Committees, communities and companies rate: own estates only, once, with reasons for what is low."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from rating.access import Role
from rating.accounts.models import User
from rating.audit import files
from rating.audit.models import StoredFile
from rating.evaluations.models import Deduction, Evaluation
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.scoring import Direction
from rating.sheets import deductions
from tests.factories import RatedEstateFactory, UserFactory
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__has_lifts=False)


def full_marks(page: Page) -> dict[str, str]:
    """The highest mark everywhere, and what the form came with otherwise."""
    highest: dict[str, str] = {}
    for one in page.all("main fieldset input[type=radio]"):
        value, name = str(one["value"]), str(one["name"])
        if value.isdigit() and int(value) >= int(highest.get(name, "0")):
            highest[name] = value
    return {**page.fields("main form"), **highest}


def test_a_committee_rates_its_estate_on_site_and_the_sheet_is_final(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = full_marks(see(client, url))
    assert client.post(url, data=filled).status_code == 303
    row = db.session.execute(select(Evaluation)).scalar_one()
    assert (row.direction, row.rater, row.score) == (Direction.COMMITTEE_TO_COMPANY, "committee", 1_000_000)
    assert client.post(url, data=filled).status_code == 409


def test_committee_and_community_each_hand_in_a_sheet(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    for role, scope in ((Role.COMMITTEE, rated.estate), (Role.COMMUNITY, rated.community)):
        client = sign_in(UserFactory(role=role, scope=scope))
        url = f"/committee/estates/{rated.id}/rate"
        assert client.post(url, data=full_marks(see(client, url))).status_code == 303
    raters = db.session.execute(select(Evaluation.rater).order_by(Evaluation.rater)).scalars().all()
    assert raters == ["committee", "community"]


def test_a_company_rates_the_committee_and_itself(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMPANY, scope=rated.company))
    for form in ("rate", "self"):
        url = f"/company/estates/{rated.id}/{form}"
        assert client.post(url, data=full_marks(see(client, url))).status_code == 303
    directions = set(db.session.execute(select(Evaluation.direction)).scalars())
    assert directions == {Direction.COMPANY_TO_COMMITTEE, Direction.COMPANY_SELF}


def test_a_committee_of_elsewhere_is_refused(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    other = RatedEstateFactory(round=rated.round)
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=other.estate))
    see(client, f"/committee/estates/{rated.id}/rate", status=403)
    see(client, f"/committee/estates/{rated.id}/rate", data={}, status=403)


def test_a_company_does_not_rate_on_site_nor_another_companys_estate(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    other = RatedEstateFactory(round=rated.round)
    client = sign_in(UserFactory(role=Role.COMPANY, scope=other.company))
    see(client, f"/committee/estates/{other.id}/rate", status=403)
    see(client, f"/company/estates/{rated.id}/rate", status=403)


def test_a_deduction_without_its_reason_comes_back_with_everything_kept(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = {**full_marks(see(client, url)), "gate": "3"}
    page = see(client, url, data=filled, status=422)
    assert "为什么" in page.errors["reason-gate"]
    assert page.fields("main form")["gate"] == "3"
    assert client.post(url, data={**filled, "reason-gate": "东门夜间无人值守"}).status_code == 303
    row = db.session.execute(select(Deduction)).scalar_one()
    assert (row.indicator, row.reason, row.file_digest) == ("gate", "东门夜间无人值守", None)


def test_a_sheet_with_an_open_row_comes_back_with_everything_kept(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = {**full_marks(see(client, url)), "gate": "3", "patrol": "²"}
    page = see(client, url, data={key: value for key, value in filled.items() if key != "records"}, status=422)
    assert {"records", "patrol", "reason-gate"} <= set(page.errors)
    assert "出入口值守：请写明" in page.one(".error-summary").get_text()
    assert page.fields("main form")["gate"] == "3"


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    file.seek(0)
    return file


def test_half_marks_or_less_need_a_picture_which_is_kept_while_the_rest_is_corrected(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = {**full_marks(see(client, url)), "gate": "2", "reason-gate": "东门夜间无人值守"}
    page = see(client, url, data=filled, status=422)
    assert set(page.errors) == {"photo-gate"}
    open_one = {**filled, "reason-gate": "", "photo-gate": (picture(), "东门.jpg")}
    page = see(client, url, data=open_one, status=422)
    assert set(page.errors) == {"reason-gate"}
    assert "东门.jpg" in page.text
    kept = {**page.fields("main form"), "reason-gate": "东门夜间无人值守"}
    assert (
        client.post(url, data={name: value for name, value in kept.items() if name[:6] != "photo-"}).status_code == 303
    )
    row = db.session.execute(select(Deduction)).scalar_one()
    assert row.file_digest == db.session.execute(select(StoredFile.digest)).scalar_one()


def test_nobody_can_name_a_file_that_somebody_else_handed_in(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    url = f"/committee/estates/{rated.id}/rate"
    first = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    filled = {**full_marks(see(first, url)), "gate": "2", "reason-gate": ""}
    page = see(first, url, data={**filled, "photo-gate": (picture(), "东门.jpg")}, status=422)
    token = page.fields("main form")["kept-gate"]
    second = sign_in(UserFactory(role=Role.COMMUNITY, scope=rated.community))
    stolen = {**filled, "reason-gate": "东门夜间无人值守", "kept-gate": token}
    assert set(see(second, url, data=stolen, status=422).errors) == {"photo-gate"}


def test_what_is_no_picture_is_told_beside_its_field(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = {**full_marks(see(client, url)), "gate": "2", "reason-gate": "东门夜间无人值守"}
    page = see(client, url, data={**filled, "photo-gate": (io.BytesIO(b"MZ"), "x.jpg")}, status=422)
    assert "PDF" in page.errors["photo-gate"]


def test_pictures_are_read_while_nobody_waits_for_a_transaction(
    sign_in: SignIn, see: See, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    filled = {**full_marks(see(client, url)), "gate": "2", "reason-gate": "东门夜间无人值守"}
    waiting: list[bool] = []

    def read(content: bytes) -> files.ReadFile:
        waiting.append(db.session().in_transaction())
        return files.read_file(content)

    monkeypatch.setattr(deductions, "read_file", read)
    filled |= {"photo-gate": (picture(), "东门.jpg"), "photo-lifts": (picture(), "电梯.jpg")}
    assert client.post(url, data=filled).status_code == 303
    assert waiting == [False, False]


def test_a_company_hands_in_no_pictures(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMPANY, scope=rated.company))
    url = f"/company/estates/{rated.id}/self"
    filled = {**full_marks(see(client, url)), "photo-gate": (picture(), "东门.jpg")}
    assert client.post(url, data=filled).status_code == 303
    assert db.session.execute(select(StoredFile)).first() is None


def test_a_reason_that_is_too_long_comes_back_as_it_was_typed(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    reason = "东门" * 251
    page = see(client, url, data={**full_marks(see(client, url)), "reason-gate": reason}, status=422)
    assert "500" in page.errors["reason-gate"]
    assert page.fields("main form")["reason-gate"] == reason


def test_what_an_estate_has_not_is_offered_as_not_applicable(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    page = see(client, f"/committee/estates/{rated.id}/rate")
    assert page.fields("main form")["lifts"] == "absent"


def test_no_page_shows_the_marks_of_a_sheet_that_was_handed_in(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate"
    client.post(url, data={**full_marks(see(client, url)), "gate": "3", "reason-gate": "东门夜间无人值守"})
    page = see(client, url)
    assert not page.all("main input[type=radio]")
    assert "东门" not in page.html


def marked_below(page: Page, rated: RatedEstate, weight: int) -> tuple[dict[str, str], list[str], int]:
    """The lightest lines marked that carry less than this together, the rest 'does not apply'; those, the weight."""
    values, carried, unmarked = full_marks(page), 0, []
    asked = rated.round.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY).indicators
    for indicator in sorted(asked, key=lambda one: (one.weight, one.key)):
        if unmarked or carried + indicator.weight >= weight:
            values[indicator.key] = "absent"
            unmarked.append(indicator.key)
        else:
            carried += indicator.weight
    return values, unmarked, carried


@pytest.mark.parametrize(
    ("lang", "needed", "refused"),
    [
        (
            "en",
            "What is marked must carry at least 60 of the 100 points of weight",
            "; what is marked here carries {carried}.",
        ),
        ("zh", "已打分项目的权重合计须不少于60（总权重100）", "，现在只有{carried}。"),
    ],
)
def test_a_sheet_judged_by_weight_is_told_by_weight(
    sign_in: SignIn, see: See, rated: RatedEstate, lang: str, needed: str, refused: str
) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate?lang={lang}"
    empty = see(client, url)
    assert needed in empty.text
    values, unmarked, carried = marked_below(empty, rated, 60)
    assert 28 - len(unmarked) >= 17 and carried < 60, "more lines than the fewest that could do, and still too little"
    page = see(client, url, 422, data=values)
    assert needed + refused.format(carried=carried) in page.one(".error-summary").get_text(" ", strip=True)
    one_more = {**values, unmarked[0]: full_marks(empty)[unmarked[0]]}
    assert client.post(url, data=one_more).status_code == 303


def test_a_sheet_with_open_lines_says_what_it_needs_by_weight(sign_in: SignIn, see: See, rated: RatedEstate) -> None:
    client = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    url = f"/committee/estates/{rated.id}/rate?lang=zh"
    values = full_marks(see(client, url))
    values.pop(rated.round.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY).indicators[0].key)
    summary = see(client, url, 422, data=values).one(".error-summary").get_text(" ", strip=True)
    assert "还差1项没选。本小区没有的请选“不涉及”，但已打分项目的权重合计须不少于60（总权重100）。" in summary


def test_a_sheet_whose_weights_make_a_number_decide_says_the_number(
    sign_in: SignIn, see: See, rated: RatedEstate
) -> None:
    client = sign_in(UserFactory(role=Role.COMPANY, scope=rated.company))
    page = see(client, f"/company/estates/{rated.id}/rate?lang=en")
    assert "At least 4 questions need a mark." in page.text
