"""The bureau's pages of the register."""

import base64
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from rating.access import Role
from rating.extensions import db
from rating.registry.imports.template import register_workbook
from rating.registry.models import Estate
from rating.workbooks.reading import read_csv, read_workbook
from tests.factories import CommitteeFactory, CompanyFactory, ContractFactory, EstateFactory, UserFactory
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
URL = "/bureau/register"
TOWN = {
    "subdistricts.csv": "code,name\nS1,清源街道\n",
    "communities.csv": "code,name,subdistrict\nC1,柳荫社区,S1\n",
    "estates.csv": "code,name,community,households_total,households_lived_in\nE1,柳荫花园,C1,420,365\n",
}


@pytest.fixture
def bureau(app: Flask, sign_in: Callable[..., Client]) -> Client:
    return sign_in(UserFactory(role=Role.BUREAU))


def upload(**files: str | bytes) -> dict[str, Any]:
    parts = {name.replace("__", "."): text for name, text in files.items()}
    return {
        "files": [(io.BytesIO(text.encode() if isinstance(text, str) else text), name) for name, text in parts.items()]
    }


def town(**changes: str) -> dict[str, Any]:
    return {"files": [(io.BytesIO(text.encode()), name) for name, text in {**TOWN, **changes}.items()]}


def test_the_register_is_imported_from_several_tables(bureau: Client, see: See) -> None:
    page = see(bureau, URL, data=town())
    assert "新增3条" in page.text
    assert db.session.scalar(select(func.count()).select_from(Estate)) == 1


def test_a_refused_import_shows_every_fault_and_offers_them_as_a_table(bureau: Client, see: See) -> None:
    estates = TOWN["estates.csv"] + "E2,=1+1,C9,many,1\n"
    page = see(bureau, URL, status=422, data=town(**{"estates.csv": estates}))
    assert [row[:3] for row in page.rows()[1:]] == [["小区", "3", "总户数"], ["小区", "3", "所属社区"]]
    link = str(page.one("a[download='faults.csv']")["href"])
    faults = read_csv("faults", base64.b64decode(link.partition(",")[2]))
    assert [row.cells[:3] for row in faults.rows] == [("小区", "3", "总户数"), ("小区", "3", "所属社区")]
    assert db.session.scalar(select(func.count()).select_from(Estate)) == 0


def test_faults_are_told_in_english_too(bureau: Client, see: See) -> None:
    estates = TOWN["estates.csv"] + "E2,x,C1,many,1\n"
    page = see(bureau, f"{URL}?lang=en", status=422, data=town(**{"estates.csv": estates}))
    assert ["Estates", "3", "Households in all", "This must be a whole number.", "many"] in page.rows()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "请选择文件"),
        ({"register__xls": b"\xd0\xcf"}, "另存为.xlsx"),
        ({"register__xlsx": b""}, "文件是空的"),
        ({"register__xlsx": b"nothing"}, "不能按.xlsx工作簿读取"),
        ({"register__xlsx": b"x", "estates__csv": b"code"}, "不要同时选"),
        ({"estates__csv": b"\x81\xff\xff"}, "不是UTF-8"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_beside_the_field(
    bureau: Client, see: See, files: dict[str, bytes], message: str
) -> None:
    page = see(bureau, URL, status=422, data=upload(**files))
    assert message in page.errors["files"]


def test_files_that_are_too_large_are_told_beside_the_field(
    bureau: Client, see: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rating.workbooks.forms.LARGEST", 100)
    assert "超过10 MB" in see(bureau, URL, status=422, data=town()).errors["files"]


def test_the_untouched_template_is_told_to_be_empty(bureau: Client, see: See) -> None:
    page = see(bureau, URL, status=422, data=upload(register__xlsx=register_workbook("zh")))
    assert "没有可导入的内容" in page.errors["files"]


def test_the_template_is_a_workbook(bureau: Client) -> None:
    response = bureau.get(f"{URL}/template.xlsx")
    assert response.status_code == 200
    assert response.data.startswith(b"PK")
    assert "register.xlsx" in response.headers["Content-Disposition"]


def test_the_auditor_looks_but_can_import_nothing(app: Flask, sign_in: Callable[..., Client], see: See) -> None:
    auditor = sign_in(UserFactory(role=Role.AUDITOR))
    assert not see(auditor, URL).all("input[type=file]")
    see(auditor, URL, status=403, data=town())


def test_staff_of_elsewhere_are_refused(app: Flask, sign_in: Callable[..., Client], see: See) -> None:
    company = CompanyFactory()
    see(sign_in(UserFactory(role=Role.COMPANY, scope=company)), URL, status=403)


def test_estates_are_found_by_words_and_place(bureau: Client, see: See) -> None:
    first, second = EstateFactory(name="柳荫花园"), EstateFactory(name="和平里", not_rated_reason="拆迁")
    ContractFactory(estate=first, company=CompanyFactory(name="清源物业"))
    page = see(bureau, f"{URL}/estates")
    assert [row[0] for row in page.rows()[1:]] == ["柳荫花园", "和平里"]
    assert page.rows()[1][4] == "清源物业"
    assert "不参评" in page.rows()[2][4]
    assert [row[0] for row in see(bureau, f"{URL}/estates?text=和平里").rows()[1:]] == ["和平里"]
    place = first.community.code
    assert [row[0] for row in see(bureau, f"{URL}/estates?community={place}").rows()[1:]] == ["柳荫花园"]
    place = second.community.subdistrict.code
    assert [row[0] for row in see(bureau, f"{URL}/estates?subdistrict={place}").rows()[1:]] == ["和平里"]
    assert "没有符合条件的小区" in see(bureau, f"{URL}/estates?text=%25").text


def test_companies_are_found_by_words_and_by_where_they_serve(bureau: Client, see: See) -> None:
    contract = ContractFactory(company__name="清源物业")
    CompanyFactory(name="和平物业", parent=contract.company)
    page = see(bureau, f"{URL}/companies")
    assert {row[0]: row[4] for row in page.rows()[1:]} == {"清源物业": "1", "和平物业": "0"}
    place = contract.estate.community.code
    assert [row[0] for row in see(bureau, f"{URL}/companies?community={place}").rows()[1:]] == ["清源物业"]


def test_long_lists_come_a_page_at_a_time_with_the_filter_kept(bureau: Client, see: See) -> None:
    community = EstateFactory(name="小区").community
    EstateFactory.create_batch(50, community=community)
    page = see(bureau, f"{URL}/estates?text=小区")
    assert len(page.rows()) == 51
    assert "page=2" in str(page.one("a[rel=next]")["href"])
    assert "text=" in str(page.one("a[rel=next]")["href"])
    assert len(see(bureau, f"{URL}/estates?text=小区&page=2").rows()) == 2


def test_an_exported_list_holds_no_formula_and_can_be_imported_again(bureau: Client, see: See) -> None:
    EstateFactory(name="=HYPERLINK(1)", address="@SUM(1)", grid="-3+1")
    exported = bureau.get(f"{URL}/estates.csv").data
    text = exported.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert ",'-3+1," in text
    page = see(bureau, URL, data=upload(estates__csv=exported))
    assert "新增0条，更新0条，未变1条" in page.text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_companies_can_be_imported_again(bureau: Client, see: See, kind: str) -> None:
    CompanyFactory(parent=CompanyFactory(), phone="+86 10 1234 5678")
    page = see(bureau, URL, data=upload(**{f"companies__{kind}": bureau.get(f"{URL}/companies.{kind}").data}))
    assert "未变2条" in page.text


def test_codes_in_an_exported_workbook_are_texts(bureau: Client) -> None:
    """A spreadsheet keeps 15 digits of a number; a credit code has 18 signs."""
    CompanyFactory(code="911234567890123456"[:17] + "X")
    (sheet,) = read_workbook(bureau.get(f"{URL}/companies.xlsx").data)
    assert sheet.rows[0].cells[0] == "91123456789012345X"


@pytest.mark.parametrize("kind", ["estates", "companies", "contracts", "committees"])
def test_every_list_can_be_had_as_a_workbook_and_imported_again(bureau: Client, see: See, kind: str) -> None:
    contract = ContractFactory()
    CommitteeFactory(estate=contract.estate)
    exported = bureau.get(f"{URL}/{kind}.xlsx").data
    assert "新增0条，更新0条，未变1条" in see(bureau, URL, data=upload(**{f"{kind}__xlsx": exported})).text


def test_a_refused_file_comes_back_with_each_fault_in_its_cell(bureau: Client, see: See) -> None:
    rows = (
        "小区台账,,,,",
        "小区编码,小区名称,所属社区,总户数,入住户数",
        "E1,柳荫花园,不存在社区,4 20,365",
        "E2,和平里,C1,300,240",
    )
    table = "\n".join(rows)
    page = see(bureau, f"{URL}?lang=zh", status=422, data=town(**{"estates.csv": table}))
    (link,) = [str(one["href"]) for one in page.all("a[download='faults.xlsx']")]
    content = base64.b64decode(link.partition("base64,")[2])
    (sheet,) = [one for one in read_workbook(content) if "小区编码" in one.headings]
    assert [row.number for row in sheet.rows] == [3, 4] and sheet.rows[0].cells[3] == "4 20"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        comments = "".join(package.read(one).decode() for one in package.namelist() if "comments" in one)
    assert 'ref="C3"' in comments and 'ref="D3"' in comments and 'ref="A4"' not in comments
    assert "必须是整数" in comments
