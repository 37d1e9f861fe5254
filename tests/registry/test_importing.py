"""The register's import: all or nothing, every fault at once, never doubled."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from rating.access import SYSTEM, Actor, Granted, Role
from rating.audit.models import Event
from rating.demo.city import build_city
from rating.errors import BadRows, Conflict, Invalid, Refused
from rating.extensions import db
from rating.registry.imports import service as importing
from rating.registry.imports.service import ImportSummary, import_register
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.workbooks.cells import Odd, OddKind
from rating.workbooks.reading import Sheet
from tests.support.clock import START

Rows = dict[str, list[dict[str, object]]]
CREDIT_CODE = "91350100M000100Y43"


def small_town() -> Rows:
    """Two estates, two companies and a branch, as a small file has them."""
    return {
        "街道": [{"街道编码": "S1", "街道名称": "清源街道"}],
        "社区": [{"社区编码": "C1", "社区名称": "柳荫社区", "所属街道": "s1", "社区电话": "0999-2123456"}],
        "estates": [
            {
                "code": "E1",
                "name": "柳荫花园",
                "community": "C1",
                "households_total": "1,200",
                "households_lived_in": 800,
                "fee": "0.85",
                "has_lifts": "否",
            },
            {
                "code": "E2",
                "name": "和平里",
                "community": "C1",
                "households_total": 300,
                "households_lived_in": 240,
                "fee": "",
                "has_lifts": "",
            },
        ],
        "companies": [
            {"code": "LOCAL-002", "name": "清源物业一分公司", "parent": CREDIT_CODE},
            {"code": CREDIT_CODE, "name": "清源物业服务有限公司", "parent": ""},
        ],
        "contracts": [
            {
                "estate": "E1",
                "company": CREDIT_CODE,
                "starts_on": "2024-01-01",
                "ends_on": "2026-06-30",
                "manager": "王建国",
            },
            {"estate": "E1", "company": "LOCAL-002", "starts_on": "2026-07-01", "ends_on": "", "manager": ""},
        ],
        "committees": [
            {
                "estate": "E1",
                "name": "柳荫花园物管会",
                "members": "李秀英、张伟",
                "term_starts_on": "2025年1月1日",
                "term_ends_on": "",
            }
        ],
    }


def take(rows: Rows, actor: Actor = SYSTEM) -> ImportSummary:
    summary = import_register([Sheet.from_dicts(name, lines) for name, lines in rows.items()], actor, START)
    db.session.commit()
    return summary


def faults_of(rows: Rows) -> list[tuple[str, int, str, str]]:
    with pytest.raises(BadRows) as caught:
        take(rows)
    db.session.rollback()
    return [(str(row.sheet), row.row, str(row.column), str(row.reason)) for row in caught.value.rows]


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_whole_file_is_taken_with_what_its_cells_mean(app: Flask) -> None:
    summary = take(small_town())
    assert (summary.added, summary.updated, summary.unchanged) == (9, 0, 0)
    first, second = db.session.scalars(select(Estate).order_by(Estate.code))
    assert (first.households_total, first.fee, first.has_lifts) == (1200, Decimal("0.85"), False)
    assert (second.fee, second.has_lifts, second.community.subdistrict.name) == (None, True, "清源街道")
    branch = db.session.scalars(select(Company).where(Company.code == "LOCAL-002")).one()
    assert branch.parent is not None
    assert branch.parent.code == CREDIT_CODE
    assert db.session.scalars(select(Committee)).one().members == ["李秀英", "张伟"]


def test_importing_again_changes_nothing_and_doubles_nothing(app: Flask) -> None:
    take(small_town())
    summary = take(small_town())
    assert (summary.added, summary.updated, summary.unchanged) == (0, 0, 9)
    assert [count(model) for model in (Subdistrict, Community, Estate, Company, Contract, Committee)] == [
        1,
        1,
        2,
        2,
        2,
        1,
    ]


def test_importing_updates_what_is_there_and_adds_the_rest(app: Flask) -> None:
    take(small_town())
    rows = small_town()
    rows["estates"][0]["name"] = "柳荫花园一期"
    rows["estates"].append({**rows["estates"][1], "code": "E3", "name": "新村"})
    rows["committees"][0]["members"] = "张伟、刘三"
    summary = {str(sheet.label): (sheet.added, sheet.updated, sheet.unchanged) for sheet in take(rows).sheets}
    assert summary["Estates"] == (1, 1, 1)
    assert summary["Committees"] == (0, 1, 0)
    assert db.session.scalars(select(Committee)).one().members == ["张伟", "刘三"]


def test_a_changed_parent_counts_as_an_update(app: Flask) -> None:
    take(small_town())
    rows = small_town()
    rows["companies"][0]["parent"] = "无"
    summary = {str(sheet.label): (sheet.added, sheet.updated, sheet.unchanged) for sheet in take(rows).sheets}
    assert summary["Companies"] == (0, 1, 1)


def test_an_empty_cell_or_a_column_left_out_leaves_what_stands_and_a_sign_for_none_empties(app: Flask) -> None:
    take(small_town())
    base = {"code": "E1", "name": "柳荫花园", "community": "C1", "households_total": 1200, "households_lived_in": 800}
    take({"estates": [base]})
    estate = db.session.scalars(select(Estate).where(Estate.code == "E1")).one()
    assert (estate.fee, estate.has_lifts) == (Decimal("0.85"), False)
    take({"estates": [{**base, "fee": "", "has_lifts": ""}]})
    db.session.refresh(estate)
    assert (estate.fee, estate.has_lifts) == (Decimal("0.85"), False)
    take({"estates": [{**base, "fee": "/"}]})
    db.session.refresh(estate)
    assert (estate.fee, estate.has_lifts) == (None, False)


def test_a_file_may_hold_one_sheet_if_the_register_has_the_rest(app: Flask) -> None:
    take(small_town())
    assert take({"contracts": [{"estate": "E2", "company": "LOCAL-002", "starts_on": "2026-01-01"}]}).added == 1


def test_every_bad_row_is_told_at_once_and_nothing_is_taken(app: Flask) -> None:
    rows = small_town()
    rows["社区"][0]["社区名称"] = ""
    rows["estates"][0] |= {"households_lived_in": 1300, "fee": "much"}
    rows["estates"][1] |= {"community": "C9"}
    rows["estates"].append(dict(rows["estates"][1]))
    rows["companies"][1]["code"] = "91350100M000100Y44"
    rows["contracts"][1]["starts_on"] = "soon"
    found = faults_of(rows)
    assert [fault[:3] for fault in found] == [
        ("Communities", 2, "Name"),
        ("Estates", 2, "Fee"),
        ("Estates", 4, "Code"),
        ("Companies", 3, "Credit code"),
        ("Contracts", 3, "From"),
        ("Estates", 3, "Community"),
        ("Estates", 4, "Community"),
        ("Companies", 2, "Parent company"),
        ("Contracts", 2, "Company"),
    ]
    assert [count(model) for model in (Subdistrict, Community, Estate, Company, Event)] == [0, 0, 0, 0, 0]


def test_more_households_lived_in_than_there_are_is_told(app: Flask) -> None:
    rows = small_town()
    rows["estates"][0]["households_lived_in"] = 1201
    assert faults_of(rows) == [("Estates", 2, "Households lived in", "More households are lived in than there are.")]


def test_a_missing_sheet_is_told_once_and_not_in_every_row(app: Flask) -> None:
    rows = small_town()
    del rows["社区"]
    ((sheet, row, _, reason),) = faults_of(rows)
    assert (sheet, row) == ("Communities", 0)
    assert "missing or empty" in reason


def test_missing_unknown_and_doubled_columns_and_sheets_are_told(app: Flask) -> None:
    rows = small_town()
    del rows["estates"][0]["households_total"], rows["estates"][1]["households_total"]
    rows["estates"][0]["颜色"] = "绿"
    rows["companies"] = [{"code": "A1", "企业名称": "甲", "name": "乙"}]
    rows["weather"] = [{"day": "sunny"}]
    found = {(sheet, row, column) for sheet, row, column, _ in faults_of(rows)}
    assert {
        ("weather", 0, ""),
        ("Estates", 1, "颜色"),
        ("Estates", 1, "Households in all"),
        ("Companies", 1, "Name"),
    } <= found


def test_a_reference_to_a_row_with_a_fault_of_its_own_is_no_second_fault(app: Flask) -> None:
    rows = small_town()
    rows["estates"][0]["households_total"] = "many"
    assert [fault[:3] for fault in faults_of(rows)] == [("Estates", 2, "Households in all")]


def test_companies_that_are_each_others_parents_are_told(app: Flask) -> None:
    rows = small_town()
    rows["companies"][1]["parent"] = "LOCAL-002"
    assert [fault[:3] for fault in faults_of(rows)] == [
        ("Companies", 2, "Parent company"),
        ("Companies", 3, "Parent company"),
    ]


@pytest.mark.parametrize(("starts_on", "overlaps"), [("2026-06-30", True), ("2026-07-01", False)])
def test_two_companies_on_one_day_are_told_within_a_file(app: Flask, starts_on: str, overlaps: bool) -> None:
    rows = small_town()
    rows["contracts"][1]["starts_on"] = starts_on
    if overlaps:
        assert [fault[:3] for fault in faults_of(rows)] == [("Contracts", 3, "From")]
    else:
        take(rows)


def test_a_contract_that_overlaps_one_in_the_register_is_told(app: Flask) -> None:
    take(small_town())
    new = {"estate": "E1", "company": CREDIT_CODE, "starts_on": "2027-01-01", "ends_on": ""}
    ((_, row, column, reason),) = faults_of({"contracts": [new]})
    assert (row, column) == (2, "From")
    assert "a contract in the register (LOCAL-002, 2026-07-01" in reason


def test_a_new_company_is_taken_where_the_old_contract_is_ended_in_the_same_file(app: Flask) -> None:
    take(small_town())
    old = {"estate": "E1", "company": "LOCAL-002", "starts_on": "2026-07-01", "ends_on": "2026-12-31"}
    new = {"estate": "E1", "company": CREDIT_CODE, "starts_on": "2027-01-01", "ends_on": ""}
    summary = take({"contracts": [new, old]})
    assert (summary.added, summary.updated) == (1, 1)
    ends = {c.starts_on: c.ends_on for c in db.session.scalars(select(Contract))}
    assert ends[date(2026, 7, 1)] == date(2026, 12, 31)


def test_an_earlier_contract_made_longer_into_a_later_one_is_told(app: Flask) -> None:
    take(small_town())
    longer = {"estate": "E1", "company": CREDIT_CODE, "starts_on": "2024-01-01", "ends_on": "2026-07-01"}
    assert [fault[1:3] for fault in faults_of({"contracts": [longer]})] == [(2, "To")]


def test_an_untouched_file_says_that_there_is_nothing_to_import(app: Flask) -> None:
    with pytest.raises(Invalid, match="nothing to import"):
        import_register([Sheet("小区", ("小区编码", "小区名称", "所属社区", "总户数", "入住户数"), ())], SYSTEM, START)


def test_an_import_is_one_event_of_the_log(app: Flask) -> None:
    take(small_town())
    entry = db.session.scalars(select(Event)).one()
    assert (entry.kind, entry.data["added_and_updated"]["Estates"]) == ("register.imported", [2, 0])


def test_only_the_bureau_imports(app: Flask) -> None:
    with pytest.raises(Refused):
        take(small_town(), Actor(1, "街道", (Granted(Role.SUBDISTRICT, 1),)))


def test_what_the_database_refuses_becomes_a_sentence(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    take(small_town())
    rows = {"committees": [{**small_town()["committees"][0], "estate": "E2", "term_ends_on": "2024-01-01"}]}
    monkeypatch.setattr(importing, "check_sheets", blind(importing.check_sheets))
    with pytest.raises(Conflict, match="Nothing was imported"):
        take(rows)
    db.session.rollback()
    assert count(Committee) == 1


def blind(check: Any) -> Any:
    """The check without its faults, as if what they are about had come in between."""

    def look(*given: Any) -> Any:
        parts, faults = check(*given)
        assert faults
        return parts, []

    return look


def test_a_city_of_the_true_size_is_imported_quickly_and_without_a_query_per_row(app: Flask) -> None:
    sheets = [Sheet.from_dicts(name, rows) for name, rows in build_city(date(2026, 9, 7)).sheets().items()]
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        started = time.perf_counter()
        summary = import_register(sheets, SYSTEM, START)
        db.session.commit()
        took = time.perf_counter() - started
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert summary.added > 870
    assert len(statements) < 60
    assert took < 3


# ---- what clerks' files have


def test_signs_for_none_leave_an_estate_in_the_round_and_the_contrary_of_a_reason_is_refused(app: Flask) -> None:
    rows = small_town()
    for sign, estate in zip(("无", "否"), rows["estates"], strict=True):
        estate["not_rated_reason"] = sign
    take(rows)
    assert db.session.scalars(select(Estate.not_rated_reason)).all() == ["", ""]
    rows["estates"][0]["not_rated_reason"] = "参评"
    assert faults_of(rows) == [
        ("Estates", 2, "Why it isn't rated",
         "This is no reason for leaving an estate out. Leave the cell empty if it is rated.")
    ]  # fmt: skip


def test_a_sign_for_none_takes_an_estate_back_into_the_round(app: Flask) -> None:
    rows = small_town()
    rows["estates"][0]["not_rated_reason"] = "拆迁"
    take(rows)
    rows["estates"][0]["not_rated_reason"] = ""
    take(rows)
    estate = db.session.scalars(select(Estate).where(Estate.code == "E1")).one()
    assert estate.not_rated_reason == "拆迁"
    rows["estates"][0]["not_rated_reason"] = "/"
    take(rows)
    db.session.refresh(estate)
    assert estate.is_rated


@pytest.mark.parametrize("name", ["柳荫花园", "柳荫 花园", "（柳荫花园）", "柳荫\u200b花园", "“柳荫”花园"])
def test_two_estates_of_a_community_with_one_name_are_told(app: Flask, name: str) -> None:
    take(small_town())
    base = {"code": "E3", "community": "C1", "households_total": 20, "households_lived_in": 20}
    (found,) = faults_of({"estates": [{**base, "name": name}]})
    assert found[:3] == ("Estates", 2, "Name")
    assert "Estate E1" in found[3] or "can't be seen" in found[3]
    take({"estates": [{**base, "name": "柳荫花园二期"}]})


@pytest.mark.parametrize("name", ["estates (1)", "小区 - 副本", "Sheet1", "台账"])
def test_headings_tell_which_table_a_sheet_is(app: Flask, name: str) -> None:
    rows = small_town()
    rows[name] = rows.pop("estates")
    take(rows)
    assert count(Estate) == 2


def test_a_title_marks_in_headings_own_columns_and_totals_are_understood(app: Flask) -> None:
    take({key: value for key, value in small_town().items() if key in ("街道", "社区")})
    grid: list[list[Any]] = [
        ["2026年度小区基础台账"],
        ["填报单位：清源街道", "", "", "", "", "单位：户"],
        ["序号", "小区编码*", "小区名称（必填）", "所属社区", "总户数", "入住户数", "备注"],
        [1, "E1", "柳荫花园", "C1", "420户", 365, "含商铺"],
        [2, "E2", "和平里", "C1", 300, 240, None],
        [None, "合计", None, None, 720, 605, None],
    ]
    import_register([Sheet.from_grid("Sheet1", grid)], SYSTEM, START)
    assert db.session.execute(select(Estate.code, Estate.households_total).order_by(Estate.code)).all() == [
        ("E1", 420), ("E2", 300),
    ]  # fmt: skip


def test_something_else_than_a_value_is_a_fault_of_its_cell_and_nothing_is_taken(app: Flask) -> None:
    take(small_town())
    grid = [
        ["小区", "企业", "合同开始日", "合同结束日", "项目负责人"],
        ["E2", "LOCAL-002", "2026-01-01", Odd(OddKind.ERROR, "#N/A"), "王建国"],
        ["E2", CREDIT_CODE, "2020-01-01", Odd(OddKind.MERGED, "D2"), Odd(OddKind.NOT_COMPUTED)],
    ]
    with pytest.raises(BadRows) as refused:
        import_register([Sheet.from_grid("合同", grid)], SYSTEM, START)
    assert [(row.row, str(row.column)) for row in refused.value.rows] == [(2, "To"), (3, "To"), (3, "Manager")]
    assert count(Contract) == 2


def test_a_hidden_row_or_table_is_told_and_a_hidden_list_of_choices_is_not(app: Flask) -> None:
    take(small_town())
    hidden = Sheet.from_grid("小区", [["小区编码", "小区名称"], ["E1", "柳荫花园"]], hidden_rows={2})
    with pytest.raises(BadRows, match="Nothing was imported") as refused:
        import_register([hidden], SYSTEM, START)
    assert "hidden" in str(refused.value.rows[-1].reason)
    lists = replace(Sheet.from_grid("lists", [["是"], ["否"]]), is_hidden=True)
    table = Sheet.from_dicts("subdistricts", [{"code": "S1", "name": "清源街道"}])
    assert import_register([table, lists], SYSTEM, START).unchanged == 1
    with pytest.raises(BadRows) as refused:
        import_register([replace(table, is_hidden=True)], SYSTEM, START)
    assert "This sheet is hidden" in str(refused.value.rows[0].reason)


def test_an_hour_behind_a_day_makes_no_other_day_of_it(app: Flask) -> None:
    rows = small_town()
    rows["contracts"][0]["ends_on"] = "2026/6/30 0:00:00"
    rows["contracts"][1]["ends_on"] = "长期"
    take(rows)
    assert set(db.session.scalars(select(Contract.ends_on))) == {date(2026, 6, 30), None}


# ---- names where codes are asked


def ledger() -> Rows:
    """An office's own first file: names everywhere, and no code but the companies' credit codes."""
    return {
        "街道": [{"街道名称": "清源街道"}],
        "社区": [{"社区名称": "柳荫社区", "所属街道": "清源街道"}, {"社区名称": "湖滨社区", "所属街道": "清源街道"}],
        "小区": [
            {"小区名称": "柳荫花园", "所属社区": "柳荫社区", "总户数": "420户", "入住户数": 365},
            {"小区名称": "和平里", "所属社区": "湖滨社区", "总户数": 300, "入住户数": 240},
        ],
        "企业": [
            {"统一社会信用代码": CREDIT_CODE, "企业名称": "清源物业服务有限公司"},
            {"统一社会信用代码": "", "企业名称": "家园自管小组", "上级企业": "清源物业服务有限公司"},
        ],
        "合同": [
            {"小区": "柳荫花园", "企业": "清源物业服务有限公司", "合同开始日": "2024-01-01", "合同结束日": "长期"},
            {"小区": "（和平里）", "企业": "家园自管小组", "合同开始日": "2025.3.1"},
        ],
    }


def test_names_are_as_good_as_codes_and_what_has_none_gets_one(app: Flask) -> None:
    summary = take(ledger())
    assert summary.added == 9
    assert summary.new_codes == ("J01", "J0101", "J0102", "J010101", "J010201", "LOCAL-001")
    served = select(Estate.code, Company.code).join(Contract.estate).join(Contract.company).order_by(Estate.code)
    assert db.session.execute(served).all() == [("J010101", CREDIT_CODE), ("J010201", "LOCAL-001")]


def test_the_same_file_again_doubles_nothing_and_a_new_row_gets_the_next_code(app: Flask) -> None:
    take(ledger())
    again = take(ledger())
    assert (again.added, again.updated, again.unchanged) == (0, 0, 9)
    rows = ledger()
    rows["小区"].append({"小区名称": "柳荫花园二期", "所属社区": "柳荫社区", "总户数": 20, "入住户数": 20})
    more = take(rows)
    assert more.added == 1 and "J010102" in more.new_codes


def test_a_sheet_may_have_no_column_of_codes_at_all(app: Flask) -> None:
    rows = ledger()
    rows["企业"] = [{"企业名称": row["企业名称"]} for row in rows["企业"]]
    assert take(rows).added == 9


def test_a_name_that_several_have_or_none_has_is_told(app: Flask) -> None:
    rows = ledger()
    rows["小区"].append({"小区名称": "柳荫花园", "所属社区": "湖滨社区", "总户数": 20, "入住户数": 20})
    rows["合同"].append({"小区": "和平里", "企业": "无名物业", "合同开始日": "2020-01-01"})
    assert [(sheet, row, column) for sheet, row, column, _ in faults_of(rows)] == [
        ("Contracts", 2, "Estate"), ("Contracts", 4, "Company"),
    ]  # fmt: skip
    reasons = [reason for *_, reason in faults_of(rows)]
    assert "J010101, J010202" in reasons[0] and "Neither the register nor this file" in reasons[1]


def test_a_place_that_can_not_be_told_is_one_fault_and_not_a_missing_code_too(app: Flask) -> None:
    rows = ledger()
    rows["小区"][0]["所属社区"] = "不存在社区"
    rows["合同"] = []
    assert [(sheet, row, column) for sheet, row, column, _ in faults_of(rows)] == [("Estates", 2, "Community")]


def test_two_rows_of_one_name_and_no_code_are_one_estate_said_twice(app: Flask) -> None:
    rows = ledger()
    rows["小区"].append(dict(rows["小区"][0]))
    ((sheet, row, _, reason),) = faults_of(rows)
    assert (sheet, row) == ("Estates", 4) and "already says the same" in reason


def test_a_new_code_is_none_that_the_file_or_the_register_has(app: Flask) -> None:
    rows = ledger()
    rows["小区"].append(
        {"小区编码": "J010101", "小区名称": "已有编码", "所属社区": "柳荫社区", "总户数": 20, "入住户数": 20}
    )
    for row in rows["小区"]:
        row.setdefault("小区编码", "")
    take(rows)
    assert set(db.session.scalars(select(Estate.code))) == {"J010101", "J010102", "J010201"}
