"""The bureau's pages of rulebooks: seeing, loading, downloading, comparing, deleting."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.audit.models import Event
from rating.errors import Refused
from rating.extensions import db
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import DEFAULT, delete_rulebook, load_rulebook
from tests.factories import TODAY, CompanyFactory, RoundFactory, RulebookFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
URL = "/bureau/rulebooks"


@pytest.fixture
def bureau(app: Flask, sign_in: SignIn) -> Client:
    return sign_in(UserFactory(name="管理员", role=Role.BUREAU))


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return loaded


def written(**values: Any) -> str:
    return yaml.safe_dump({**document(), **values}, allow_unicode=True, sort_keys=False)


def upload(text: str | bytes, name: str = "rulebook.yaml") -> dict[str, Any]:
    return {"file": (io.BytesIO(text.encode() if isinstance(text, str) else text), name)}


# ---- seeing


def test_the_list_says_which_rounds_use_a_version(bureau: Client, see: See) -> None:
    RoundFactory(title_zh="2026年下半年", rulebook=RulebookFactory())
    RulebookFactory(version=2)
    rows = see(bureau, URL).rows()[1:]
    assert [(row[1], row[2], row[4]) for row in rows] == [
        ("default", "2", "没有评价期使用"),
        ("default", "1", "2026年下半年"),
    ]


def test_without_a_rulebook_the_way_on_is_told(bureau: Client, see: See) -> None:
    assert "载入" in see(bureau, URL).one(".empty").get_text()
    assert "请先从文件载入" in see(bureau, f"{URL}/compare").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_version_is_seen_whole_in_words(bureau: Client, see: See, lang: str) -> None:
    content = RulebookFactory().content
    page = see(bureau, f"{URL}/default/1?lang={lang}")
    for sheet in content.questionnaires.values():
        assert all(getattr(one.text, lang) in page.text for one in sheet.indicators)
    assert ("97.5%" in page.text, "max_uncovered_red" in page.text) == (True, True)
    assert ("10个工作日" if lang == "zh" else "10 working days") in page.text


def test_a_setting_that_the_file_leaves_out_is_marked(bureau: Client, see: See) -> None:
    RulebookFactory()
    rows = {row[0]: row for table in see(bureau, f"{URL}/default/1").all("table")[:1] for row in _rows(table)}
    assert "按默认值执行" in rows["一家企业所需评价份数"][2]
    assert "按默认值执行" not in rows["红榜分数线"][2]
    assert rows["红榜分数线"][1] == "85分"


def _rows(table: Any) -> list[list[str]]:
    return [[" ".join(c.get_text(" ").split()) for c in row.select("th, td")] for row in table.select("tr")]


def test_a_version_that_does_not_exist_is_told(bureau: Client, see: See) -> None:
    for place in ("default/1", "nothing/3", "default/99999999999999999999"):
        see(bureau, f"{URL}/{place}", 404)


def test_the_auditor_sees_and_downloads_but_changes_nothing(app: Flask, sign_in: SignIn, see: See) -> None:
    rulebook = RulebookFactory()
    auditor = sign_in(UserFactory(role=Role.AUDITOR))
    assert see(auditor, f"{URL}/default/1").all("main form") == []
    assert auditor.get(f"{URL}/default/1.yaml").status_code == 200
    see(auditor, f"{URL}/load", 403)
    see(auditor, f"{URL}/default/1/delete", 403, data={})
    with pytest.raises(Refused):
        delete_rulebook(rulebook, UserFactory(role=Role.COMPANY, scope=CompanyFactory()).actor(TODAY), START)


# ---- loading


def test_a_version_is_loaded_from_a_file(bureau: Client, see: See) -> None:
    page = see(bureau, f"{URL}/load", data=upload(written(version=2)))
    assert page.path == f"{URL}/default/2"
    event = db.session.query(Event).filter_by(kind="rulebook.loaded").one()
    assert (event.actor_name, event.data["name"]) == ("管理员", "default 2")


def test_every_fault_of_a_file_is_told_at_once_with_its_line(bureau: Client, see: See) -> None:
    faulty = document()
    faulty["version"] = 0
    faulty["scoring"]["red"] = 50
    faulty["colour"] = "red"
    del faulty["title"]["en"]
    faulty["residents"]["dimensions"][0]["indicators"][0]["weight"] = "much"
    text = yaml.safe_dump(faulty, allow_unicode=True, sort_keys=False)
    page = see(bureau, f"{URL}/load", 422, data=upload(text))
    assert "6处错误" in page.errors["file"]
    lines = text.splitlines()
    found = {row[1]: (lines[int(row[0]) - 1].strip(), row[2]) for row in page.rows()[1:]}
    assert found == {
        "version": ("version: 0", "这里须在1到999999之间。"),
        "scoring": ("scoring:", "watch不在black和red之间"),
        "title.en": ("title:", "缺少这一项。"),
        "colour": ("colour: red", "这里没有这个名称的设置，可能写错了。"),
        "residents.dimensions.0.indicators.0.weight": ("weight: much", "必须是整数。"),
    }
    assert db.session.query(Rulebook).count() == 0


@pytest.mark.parametrize(
    ("scoring", "words"),
    [
        ({"black": 90}, "black没有低于red"),
        ({"level": 20}, "level须在50到100之间"),
        ({"unheard_of": 1}, "没有叫作unheard_of的设置"),
        ({"red": "many"}, "应当是数字"),
        ({"level": float("nan")}, "应当是数字"),
        ({"direction_weights": [60, 40]}, "应当是数字"),
        ({"direction_weights": {"neighbours": 1}}, "没有叫作neighbours的评价方向"),
        ({"black": 90, "level": 20}, "black没有低于red"),
    ],
)
def test_settings_that_make_no_sense_are_told_in_words(
    bureau: Client, see: See, scoring: dict[str, Any], words: str
) -> None:
    page = see(bureau, f"{URL}/load", 422, data=upload(written(scoring=scoring)))
    assert any(words in row[2] and row[1] == "scoring" for row in page.rows()[1:]), page.rows()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "文件是空的"),
        ("key: [", "第1行不符合YAML"),
        ("just words", "须含"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("[" * 5000, "太深"),
        ("a: &a [1]\nb: *a", "处错误"),
        ("key: default\nkey: other", "处错误"),
        ('key: "\\ud800"', "处错误"),
        ("key: !!python/object/apply:os.system [ls]", "YAML"),
    ],
)
def test_what_is_no_rulebook_file_is_told_beside_the_field(
    bureau: Client, see: See, text: str | bytes, words: str
) -> None:
    assert words in see(bureau, f"{URL}/load", 422, data=upload(text)).errors["file"]


def test_a_file_of_more_than_200_kb_is_told(bureau: Client, see: See) -> None:
    within, beyond = (written() + "#" * (size - len(written().encode())) for size in (200 * 1024, 200 * 1024 + 1))
    assert "200 KB" in see(bureau, f"{URL}/load", 422, data=upload(beyond)).errors["file"]
    see(bureau, f"{URL}/load", data=upload(within))


@pytest.mark.parametrize("size", [10, 100])
def test_many_faults_are_counted_and_the_first_thousand_told(bureau: Client, see: See, size: int) -> None:
    unknown = "".join(f"no_such_setting_{number}: 1\n" for number in range(40 * size))
    page = see(bureau, f"{URL}/load", 422, data=upload(written() + unknown))
    assert str(40 * size) in page.errors["file"]
    assert len(page.rows()) - 1 == min(40 * size, 1000)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1, 2]\nb: [*a, *a]",
        "[" * 100_000,
        "a: " + "9" * 5000,
        "a: 0x" + "f" * 20_000,
        "? [a, b]\n: 1",
        "a: \x00",
    ],
)
def test_a_file_that_stands_for_more_than_it_holds_is_refused_in_words(bureau: Client, see: See, text: str) -> None:
    assert see(bureau, f"{URL}/load", 422, data=upload(text)).errors["file"]


def test_signs_that_are_no_text_are_told(bureau: Client, see: See) -> None:
    text = written(title={"zh": "办法", "en": "RULES"}).replace("en: RULES", 'en: "\\ud800"')
    assert "不是文字的字符" in see(bureau, f"{URL}/load", 422, data=upload(text)).errors["file"]


def test_no_file_is_told(bureau: Client, see: See) -> None:
    assert "请选择文件" in see(bureau, f"{URL}/load", 422, data={"x": ""}).errors["file"]


def test_a_version_that_a_round_uses_is_refused_and_stays(bureau: Client, see: See) -> None:
    RoundFactory()
    page = see(bureau, f"{URL}/load", 409, data=upload(written(title={"zh": "新", "en": "New"})))
    assert "不能" in page.errors["file"]
    assert db.session.query(Rulebook).one().content.title.zh != "新"


# ---- downloading


def test_a_downloaded_version_loads_as_the_same_again(bureau: Client, see: See) -> None:
    digest = RulebookFactory().digest
    response = bureau.get(f"{URL}/default/1.yaml")
    assert "default-1.yaml" in response.headers["Content-Disposition"]
    assert load_rulebook(response.text, SYSTEM, START).digest == digest
    db.session.commit()
    see(bureau, f"{URL}/load", data=upload(response.data))
    assert db.session.query(Rulebook).one().digest == digest


# ---- comparing


def test_two_versions_are_compared_in_words(bureau: Client, see: See) -> None:
    RulebookFactory()
    changed = document()
    changed["version"] = 2
    changed["scoring"]["red"] = 88
    changed["windows"]["open_days"] = 14
    first = changed["residents"]["dimensions"][0]["indicators"]
    first[0]["zh"], first[0]["weight"] = "卫生清洁", 12
    removed = first.pop(1)
    first.append({**removed, "key": "quiet", "zh": "安静", "en": "Quiet"})
    RulebookFactory(version=2, document=changed)
    page = see(bureau, f"{URL}/compare?old=default-1&new=default-2")
    tables = {table.select_one("caption").get_text(): _rows(table)[1:] for table in page.all("table")}
    assert ["红榜分数线", "85分", "88分"] in tables["怎么计分、怎么上榜"]
    assert tables["各项期限"] == [["评价天数", "21天", "14天"]]
    assert [row[0] for row in tables["新增"]] == ["安静"]
    assert [row[0] for row in tables["删除"]] == [removed["zh"]]
    assert [row[:2] for row in tables["修改"]] == [["卫生清洁", "文字 · 中文"], ["卫生清洁", "权重"]]
    assert page.texts("del") and page.texts("ins")
    assert "企业评社区和物管会" not in page.text


def test_a_version_compared_with_itself_differs_in_nothing(bureau: Client, see: See) -> None:
    RulebookFactory()
    assert "没有差别" in see(bureau, f"{URL}/compare?old=default-1&new=default-1").text
    assert "选择两个版本" in see(bureau, f"{URL}/compare?old=default-1&new=gone-7").text


# ---- deleting


def test_an_unused_version_is_deleted(bureau: Client, see: See) -> None:
    RulebookFactory()
    assert "已删除" in see(bureau, f"{URL}/default/1/delete", data={}).text
    assert db.session.query(Rulebook).count() == 0
    assert db.session.query(Event).filter_by(kind="rulebook.deleted").one().data["name"] == "default 1"


def test_a_version_that_a_round_uses_is_not_deleted(bureau: Client, see: See) -> None:
    RoundFactory()
    assert see(bureau, f"{URL}/default/1").all("main form") == []
    see(bureau, f"{URL}/default/1/delete", 409, data={})
    assert db.session.query(Rulebook).count() == 1
