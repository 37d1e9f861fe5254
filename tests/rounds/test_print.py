"""What is printed for a round: posters and letters, from the browser and as PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.extensions import db
from rating.rounds import letterpress, print_views
from rating.rounds.codes import read_code, shuffled
from rating.rounds.models import HouseholdCode, RatedEstate
from tests.factories import CommunityFactory, EstateFactory, RatedEstateFactory, RoundFactory, UserFactory, issue_code
from tests.support.client import Client
from tests.support.pages import Page
from tests.support.pdf import fonts, pictures, texts
from tests.support.qr import read

See = Callable[..., Page]
CODE = re.compile(r"\d{16}")


@pytest.fixture
def bureau(app: Flask, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(UserFactory(role=Role.BUREAU))


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", estate__name="紫荆园", households=4)


def letters_of(rated: RatedEstate) -> str:
    return f"/bureau/rounds/{rated.round.number}/letters/{rated.estate.code}"


def pdf_of(browser: Client, url: str, **request: object) -> bytes:
    response = browser.open(url, **request)
    assert (response.status_code, response.mimetype) == (200, "application/pdf"), response.text[:300]
    return response.data


def still_works(browser: Client, code: str) -> bool:
    return browser.get(f"/h/{code}").status_code in {302, 303}


# ---- posters


def test_posters_carry_one_code_an_estate(bureau: Client, see: See, rated: RatedEstate) -> None:
    RatedEstateFactory(round=rated.round, community=rated.community)
    page = see(bureau, f"/bureau/rounds/{rated.round.number}/posters?community={rated.community.code}")
    assert len(page.all("section.poster svg")) == 2


@pytest.mark.sqlite_only(reason="what is drawn does not depend on the database")
@pytest.mark.parametrize(("paper", "size"), [("a4", (827, 1169)), ("a3", (1169, 1654))])
def test_a_poster_as_pdf_fills_its_paper_and_leads_to_its_estate(
    bureau: Client, rated: RatedEstate, paper: str, size: tuple[int, int]
) -> None:
    pdf = pdf_of(bureau, f"/bureau/rounds/{rated.round.number}/posters.pdf?estate=QY0001&paper={paper}")
    (page,) = pictures(pdf)
    assert page.size == pytest.approx(size, abs=1)
    assert read(page) == ["https://rating.test/e/QY0001"]
    assert "紫荆园" in texts(pdf)[0]


@pytest.mark.sqlite_only(reason="what is drawn does not depend on the database")
def test_a_communitys_posters_are_those_of_its_estates(bureau: Client, rated: RatedEstate, see: See) -> None:
    elsewhere = RatedEstateFactory(round=rated.round, community=CommunityFactory(code="AB01"))
    url = f"/bureau/rounds/{rated.round.number}/posters"
    pdf = pdf_of(bureau, f"{url}.pdf?community=AB01")
    assert [read(page) for page in pictures(pdf)] == [[f"https://rating.test/e/{elsewhere.estate.code}"]]
    see(bureau, f"{url}?community=NOWHERE", status=404)


# ---- letters


def test_letters_carry_a_code_for_every_household_and_are_never_kept(
    bureau: Client, see: See, rated: RatedEstate
) -> None:
    page = see(bureau, letters_of(rated), data={"as": "page"})
    codes = page.texts(".letter-code")
    assert len(set(codes)) == len(page.all("section.letter svg")) == 4
    assert page.response.headers["Cache-Control"] == "no-store"


def test_every_letter_of_the_pdf_opens_its_own_households_form(
    bureau: Client, client: Client, rated: RatedEstate
) -> None:
    response = bureau.post(letters_of(rated))
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no", "nor does a proxy write it to its disk"
    assert "attachment" in response.headers["Content-Disposition"]
    cover, empty, *sheets = texts(response.data)
    assert "紫荆园" in cover and "4封" in cover and empty == ""
    fronts, backs = sheets[::2], sheets[1::2]
    assert len(fronts) == len(backs) == 4
    codes = [CODE.findall(front)[-1] for front in fronts]
    assert [read(page) for page in pictures(response.data)[2::2]] == [
        [f"https://rating.test/h/{code}"] for code in codes
    ]
    assert len({read_code(code) for code in codes}) == 4
    assert all(still_works(client, code) for code in codes)
    assert [front.endswith(f"{number}/4") for number, front in enumerate(fronts, 1)] == [True] * 4
    assert all("信封随机发放，不登记哪一封给了哪一户" in back and not CODE.search(back) for back in backs)


def test_the_pile_does_not_lie_in_the_order_of_household_numbers() -> None:
    codes = [str(number) for number in range(500)]
    assert sorted(shuffled(codes)) == sorted(codes)
    assert shuffled(codes) != codes


@pytest.mark.sqlite_only(reason="what is drawn does not depend on the database")
def test_the_address_stands_in_the_window_and_nothing_else_does(bureau: Client, rated: RatedEstate) -> None:
    front = pictures(bureau.post(letters_of(rated)).data, dpi=254)[2]  # ten pixels to the millimetre
    window = front.crop((200, 450, 1050, 900))
    ink = window.point(lambda grey: 255 * (grey < 128)).getbbox()
    assert ink is not None
    assert ink[0] > 20 and ink[1] > 10 and ink[2] < 830 and ink[3] < 430
    assert front.crop((0, 340, 1060, 448)).getextrema()[0] > 250, "above the window"
    assert front.crop((0, 902, 1060, 950)).getextrema()[0] > 250, "below the window"


def test_a_letter_offers_only_ways_that_there_are(bureau: Client, see: See, rated: RatedEstate) -> None:
    page = see(bureau, letters_of(rated), data={"as": "page"})
    assert "意见箱" not in page.text and "所附的评价表" not in page.text
    assert "rating.test/e/QY0001" in page.text and "https://rating.test/e" not in page.text


def test_printing_again_warns_that_old_letters_stop_working(
    bureau: Client, client: Client, see: See, rated: RatedEstate
) -> None:
    assert "作废" not in see(bureau, f"{letters_of(rated)}/confirm").text
    old = CODE.findall(texts(bureau.post(letters_of(rated)).data)[2])[-1]
    assert "作废" in see(bureau, f"{letters_of(rated)}/confirm").text
    bureau.post(letters_of(rated))
    assert not still_works(client, old)


def test_old_letters_go_on_working_when_the_new_ones_can_t_be_made(
    bureau: Client, client: Client, see: See, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = issue_code(rated)

    def jam(*_parts: object) -> bytes:
        raise RuntimeError("paper jam")

    monkeypatch.setattr(letterpress, "press", jam)
    with pytest.raises(RuntimeError, match="paper jam"):
        bureau.post(letters_of(rated))
    db.session.rollback()
    assert still_works(client, code)


@pytest.mark.parametrize("form", ["pdf", "page"])
def test_letters_are_not_printed_once_the_round_is_closed(bureau: Client, see: See, app: Flask, form: str) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    see(bureau, letters_of(rated), data={"as": form}, status=409)


# ---- whole communities


@pytest.fixture
def community(rated: RatedEstate) -> str:
    estate = EstateFactory(code="QY0002", name="望楼小区", community=rated.community)
    RatedEstateFactory(round=rated.round, estate=estate, community=rated.community, households=2)
    return f"/bureau/rounds/{rated.round.number}/communities/{rated.community.code}/letters"


def test_a_communitys_letters_come_in_one_file_each_estate_under_its_cover(
    bureau: Client, client: Client, see: See, community: str
) -> None:
    assert "2个小区共6封信" in see(bureau, f"{community}/confirm").text
    pages = texts(pdf_of(bureau, community, method="POST"))
    assert len(pages) == 2 + 2 * 4 + 2 + 2 * 2
    assert "紫荆园" in pages[0] and "望楼小区" in pages[10]
    codes = [CODE.findall(page)[-1] for page in (*pages[2:10:2], *pages[12::2])]
    assert len(set(codes)) == 6 and all(still_works(client, code) for code in codes)
    assert db.session.query(HouseholdCode).count() == 6


def test_too_many_letters_for_one_file_are_refused_with_a_way_on(
    bureau: Client, see: See, community: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_views, "LETTERS_AT_ONCE", 5)
    asked = see(bureau, f"{community}/confirm")
    assert "请按小区逐个打印" in asked.text and asked.all("main form") == []
    assert "请按小区逐个打印" in see(bureau, community, data={}, status=409).text
    assert db.session.query(HouseholdCode).count() == 0


# ---- the pictures


@pytest.mark.sqlite_only(reason="what is drawn does not depend on the database")
def test_chinese_fonts_are_embedded_in_part(bureau: Client, rated: RatedEstate) -> None:
    pdf = bureau.post(letters_of(rated)).data
    found = fonts(pdf)
    assert any("CJK" in name or "Han" in name or "Song" in name for name in found)
    assert all(found.values()), "every font is embedded"
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in found), "and only in part"
    assert len(pdf) < 3_000_000


def test_ten_pressed_codes_are_read_back_at_100_dpi() -> None:
    codes = [f"{number:016d}" for number in range(10)]
    layout = letterpress_layout()
    bundle = letterpress.Bundle("紫荆园", [(code, f"https://rating.test/h/{code}") for code in codes])
    pages = pictures(letterpress.press(layout, [bundle]))[2::2]
    assert [urlsplit(read(page)[0]).path.removeprefix("/h/") for page in pages] == codes


def letterpress_layout() -> bytes:
    """A layout as bare as it may be: cover, empty back, a letter with its slots, its back, the type case."""
    from rating.web.pdf import make_pdf

    slots = "".join(f'<a class="letter-{name}" href="slot:{name}"></a>' for name in ("qr", "code", "count"))
    sheets = ("", "", slots, "", '<p class="type-case">0123456789 /</p>')
    pages = "".join(f'<section class="sheet letter">{sheet}</section>' for sheet in sheets)
    link = '<link rel="stylesheet" href="/static/css/print.css">'
    return make_pdf(
        f'<!doctype html><html lang="zh"><head><title>x</title>{link}</head><body>{pages}</body>', tagged=False
    )
