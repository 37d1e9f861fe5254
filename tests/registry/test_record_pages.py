"""The bureau's pages of one record: see, add, edit, delete, its history, and the lists beside them."""

import io
from collections.abc import Callable

import pytest
from flask import Flask

from rating.access import Role
from rating.extensions import db
from rating.registry.models import Community, Contract, Estate
from tests.factories import (
    CommitteeFactory,
    CommunityFactory,
    CompanyFactory,
    ContractFactory,
    EstateFactory,
    SubdistrictFactory,
    UserFactory,
)
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
URL = "/bureau/register"


@pytest.fixture
def bureau(app: Flask, sign_in: Callable[..., Client]) -> Client:
    return sign_in(UserFactory(role=Role.BUREAU, name="经办人"))


@pytest.fixture
def auditor(app: Flask, sign_in: Callable[..., Client]) -> Client:
    return sign_in(UserFactory(role=Role.AUDITOR))


def test_an_estate_shows_all_that_the_bureau_knows_names_included(bureau: Client, see: See) -> None:
    contract = ContractFactory(manager="李经理")
    CommitteeFactory(estate=contract.estate, members=["王一", "陈二"])
    page = see(bureau, f"{URL}/estates/{contract.estate.code}")
    for text in ("李经理", "王一、陈二", contract.company.name, contract.estate.community.name):
        assert text in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_record_has_its_page_and_its_form(bureau: Client, see: See, language: str) -> None:
    contract = ContractFactory(company__parent=CompanyFactory())
    CommitteeFactory(estate=contract.estate)
    community = contract.estate.community
    for path in (
        f"estates/{contract.estate.code}",
        f"companies/{contract.company.code}",
        f"companies/{contract.company.parent.code}",
        f"communities/{community.code}",
        f"subdistricts/{community.subdistrict.code}",
        f"contracts/{contract.id}",
        f"committees/{contract.estate.code}",
    ):
        see(bureau, f"{URL}/{path}?lang={language}")
        page = see(bureau, f"{URL}/{path}/edit?lang={language}")
        assert "code" not in page.fields()


def test_the_auditor_sees_records_and_changes_none(auditor: Client, see: See) -> None:
    estate = EstateFactory()
    page = see(auditor, f"{URL}/estates/{estate.code}")
    assert page.all("main form") == []
    see(auditor, f"{URL}/estates/{estate.code}/edit", status=403)
    see(auditor, f"{URL}/estates/{estate.code}/delete", status=403, data={})


def test_an_edit_is_saved_and_stands_in_the_history(bureau: Client, see: See) -> None:
    estate = EstateFactory(households_lived_in=240)
    url = f"{URL}/estates/{estate.code}"
    form = see(bureau, f"{url}/edit").fields()
    page = see(bureau, f"{url}/edit", data={**form, "households_lived_in": "２５０"})
    assert page.path == url
    row = page.rows("main .table")[-1]
    assert "经办人" in row
    assert "240 → 250" in row[3]
    assert "小区信息已修改" in row[2]


def test_what_an_import_changes_stands_in_the_history_too(bureau: Client, see: See) -> None:
    estate = EstateFactory(households_lived_in=240)
    table = bureau.get(f"{URL}/estates.csv").data.decode().replace(",240,", ",250,")
    see(bureau, URL, data={"files": [(io.BytesIO(table.encode()), "estates.csv")]})
    row = see(bureau, f"{URL}/estates/{estate.code}").rows("main .table")[-1]
    assert "240 → 250" in row[3]
    assert "由导入改动" in row[2]


def test_saving_untouched_changes_nothing(bureau: Client, see: See) -> None:
    estate = EstateFactory(fee=None, built_year=None)
    url = f"{URL}/estates/{estate.code}/edit"
    assert "没有改动" in see(bureau, url, data=see(bureau, url).fields()).text


def test_mistakes_stand_beside_their_fields_and_what_was_typed_is_kept(bureau: Client, see: See) -> None:
    estate = EstateFactory()
    url = f"{URL}/estates/{estate.code}/edit"
    typed = {**see(bureau, url).fields(), "households_total": "many", "fee": "1.234", "name": ""}
    page = see(bureau, url, status=422, data=typed)
    assert page.errors.keys() == {"households_total", "fee", "name"}
    assert page.fields()["households_total"] == "many"


def test_a_stale_form_says_so_keeps_what_was_typed_and_shows_what_is_stored(bureau: Client, see: See) -> None:
    estate = EstateFactory(name="旧名")
    url = f"{URL}/estates/{estate.code}/edit"
    opened = see(bureau, url).fields()
    see(bureau, url, data={**opened, "name": "别人的名"})
    page = see(bureau, url, status=409, data={**opened, "name": "我的名"})
    assert "别人的名" in page.errors["name"]
    assert page.fields()["name"] == "我的名"
    see(bureau, url, data=page.fields())
    assert db.session.get_one(Estate, estate.id).name == "我的名"


def test_places_are_added_from_the_list_of_places(bureau: Client, see: See) -> None:
    see(bureau, f"{URL}/add/subdistricts", data={"code": "qy", "name": "清源街道"})
    page = see(
        bureau, f"{URL}/add/communities", data={"code": "QY01", "name": "柳荫社区", "subdistrict": "QY", "phone": ""}
    )
    assert page.h1 == "柳荫社区"
    assert "柳荫社区" in see(bureau, f"{URL}/places").links()


def test_an_estate_is_added(bureau: Client, see: See) -> None:
    community = CommunityFactory()
    values = {"code": "E9", "name": "新苑", "community": community.code, "households_total": "100"}
    page = see(bureau, f"{URL}/add/estates", status=422, data=values)
    assert page.errors.keys() == {"households_lived_in"}
    assert see(bureau, f"{URL}/add/estates", data={**values, "households_lived_in": "80"}).h1 == "新苑"
    page = see(bureau, f"{URL}/add/estates", status=422, data={**values, "households_lived_in": "80"})
    assert page.errors.keys() == {"code"}


def test_contracts_and_committees_are_added_from_their_estate(bureau: Client, see: See) -> None:
    estate, company = EstateFactory(), CompanyFactory()
    see(bureau, f"{URL}/add/contracts", status=404)
    values = {"company": company.code, "starts_on": "2026-01-01", "ends_on": "", "manager": "李经理"}
    assert company.name in see(bureau, f"{URL}/add/contracts?estate={estate.code}", data=values).text
    values = {"name": "物管会", "members": "王一、陈二", "term_starts_on": "2026-01-01", "term_ends_on": ""}
    see(bureau, f"{URL}/add/committees?estate={estate.code}", data=values)
    page = see(bureau, f"{URL}/estates/{estate.code}")
    assert "王一、陈二" in page.text
    assert "物管会已新增" in page.text


def test_an_overlapping_contract_is_refused_in_words_at_its_field(bureau: Client, see: See) -> None:
    there = ContractFactory(company__name="清源物业")
    values = {"company": CompanyFactory().code, "starts_on": "2026-01-01"}
    page = see(bureau, f"{URL}/add/contracts?estate={there.estate.code}", status=422, data=values)
    assert "清源物业" in page.errors["starts_on"]


def test_a_change_of_company_is_one_form(bureau: Client, see: See) -> None:
    present = ContractFactory()
    url = f"{URL}/contracts/{present.id}/next"
    form = see(bureau, url).fields()
    values = {**form, "company": CompanyFactory(name="和平物业").code, "starts_on": "2026-10-01"}
    assert see(bureau, url, status=422, data=values).errors.keys() == {"last_day"}
    page = see(bureau, url, status=422, data={**values, "last_day": "2026-10-01"})
    assert page.errors.keys() == {"starts_on"}
    assert db.session.get_one(Contract, present.id).ends_on is None
    assert "和平物业" in see(bureau, url, data={**values, "last_day": "2026-09-30"}).text


def test_an_estate_is_marked_as_not_rated_and_taken_back(bureau: Client, see: See) -> None:
    estate = EstateFactory()
    url = f"{URL}/estates/{estate.code}"
    assert see(bureau, f"{url}/leave-out", status=422, data={"reason": " "}).errors.keys() == {"reason"}
    assert "正在拆迁" in see(bureau, f"{url}/leave-out", data={"reason": "正在拆迁"}).text
    assert see(bureau, f"{url}/take-back", data={}).one("main h1")
    assert db.session.get_one(Estate, estate.id).is_rated


def test_a_record_is_deleted_only_if_nothing_refers_to_it(bureau: Client, see: See) -> None:
    estate = EstateFactory()
    url = f"{URL}/communities/{estate.community.code}"
    assert "不能删除" in see(bureau, url).text
    assert "小区1条" in see(bureau, f"{url}/delete", status=409, data={}).text
    empty_id = (empty := CommunityFactory()).id
    assert see(bureau, f"{URL}/communities/{empty.code}/delete", data={}).path == f"{URL}/places"
    assert db.session.get(Community, empty_id) is None


def test_contracts_are_found_by_words_place_and_state(bureau: Client, see: See) -> None:
    running = ContractFactory(manager="李经理")
    over = ContractFactory(starts_on=running.starts_on.replace(year=2020), ends_on=running.starts_on.replace(year=2021))
    names = [row[0] for row in see(bureau, f"{URL}/contracts").rows()[1:]]
    assert names == [running.estate.name, over.estate.name]
    assert len(see(bureau, f"{URL}/contracts?state=over").rows()) == 2
    assert len(see(bureau, f"{URL}/contracts?text=李经理&state=running").rows()) == 2
    assert len(see(bureau, f"{URL}/contracts?community={over.estate.community.code}").rows()) == 2
    assert "没有符合条件的合同" in see(bureau, f"{URL}/contracts?state=coming").text


def test_exported_contracts_and_committees_can_be_imported_again(bureau: Client, see: See) -> None:
    contract = ContractFactory()
    CommitteeFactory(estate=contract.estate)
    for name in ("contracts", "committees"):
        exported = bureau.get(f"{URL}/{name}.csv").data
        page = see(bureau, URL, data={"files": [(io.BytesIO(exported), f"{name}.csv")]})
        assert "未变1条" in page.text


def test_long_names_and_many_events_come_a_page_at_a_time(bureau: Client, see: See) -> None:
    place = SubdistrictFactory(name="长" * 80)
    url = f"{URL}/subdistricts/{place.code}"
    for n in range(21):
        see(bureau, f"{url}/edit", data={**see(bureau, f"{url}/edit").fields(), "name": f"{n}街道"})
    page = see(bureau, url)
    assert "page=2" in str(page.one("a[rel=next]")["href"])
