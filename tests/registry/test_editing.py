"""Changing one record of the register: the rules, whoever asks."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM, Actor, Granted, Role
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.registry.editing.history import events_about, tell
from rating.registry.editing.service import (
    StaleRecord,
    add_record,
    change_record,
    delete_record,
    leave_estate_out,
    take_estate_back,
)
from rating.registry.editing.succession import begin_next_contract
from rating.registry.models import Contract, Estate
from rating.registry.records import KINDS, REFERRING, count_references, values_of, version_of
from tests.factories import (
    CommitteeFactory,
    CommunityFactory,
    CompanyFactory,
    ContractFactory,
    EstateFactory,
    RatedEstateFactory,
    SubdistrictFactory,
    UserFactory,
)
from tests.support.clock import START

ESTATES, COMPANIES, CONTRACTS, COMMITTEES = (KINDS[key] for key in ("estates", "companies", "contracts", "committees"))


def change(kind: Any, entity: Any, **values: Any) -> dict[str, list[Any]]:
    return change_record(kind, entity, values, version_of(values_of(kind, entity)), SYSTEM, START)


def following(**values: Any) -> dict[str, Any]:
    return {"company": CompanyFactory().code, "starts_on": date(2026, 7, 1), "ends_on": None, "manager": "", **values}


def events() -> list[Event]:
    return list(db.session.scalars(select(Event).order_by(Event.number)))


def test_a_change_is_logged_with_what_was_and_what_is(app: Flask) -> None:
    estate = EstateFactory(name="柳荫花园", households_lived_in=240)
    change(ESTATES, estate, name="柳荫花园", households_lived_in=250)
    (event,) = events()
    assert (event.kind, event.subject, event.actor_name) == ("estate.changed", f"estate:{estate.code}", "system")
    assert event.data["changes"] == {"households_lived_in": [240, 250]}


def test_saving_what_is_there_already_changes_and_logs_nothing(app: Flask) -> None:
    estate = EstateFactory()
    assert change(ESTATES, estate, name=estate.name) == {}
    assert events() == []


def test_a_stale_version_changes_nothing_and_tells_what_is_stored_now(app: Flask) -> None:
    estate = EstateFactory(name="旧名")
    opened = version_of(values_of(ESTATES, estate))
    change(ESTATES, estate, name="新名")
    with pytest.raises(StaleRecord) as refused:
        change_record(ESTATES, estate, {"name": "别名"}, opened, SYSTEM, START)
    assert refused.value.values["name"] == "新名"
    assert estate.name == "新名"


def test_history_tells_references_by_name(app: Flask) -> None:
    estate = EstateFactory()
    there = CommunityFactory(name="柳荫社区")
    change(ESTATES, estate, community=there.code)
    (entry,) = tell(db.session.scalars(events_about(ESTATES, estate)))
    assert entry.changes[0].after == f"柳荫社区（{there.code}）"
    assert estate.community is there


def test_only_the_bureau_changes_the_register(app: Flask) -> None:
    estate = EstateFactory()
    company = Actor(1, "企业", (Granted(Role.COMPANY, 1),))
    with pytest.raises(Refused):
        change_record(ESTATES, estate, {"name": "x"}, version_of(values_of(ESTATES, estate)), company, START)
    with pytest.raises(Refused):
        delete_record(ESTATES, estate, company, START)
    with pytest.raises(Refused):
        leave_estate_out(estate, "拆迁", company, START)


def test_a_code_is_there_once(app: Flask) -> None:
    there = SubdistrictFactory(code="QY")
    with pytest.raises(Invalid) as refused:
        add_record(KINDS["subdistricts"], {"code": there.code, "name": "清源街道"}, SYSTEM, START)
    assert refused.value.field == "code"


def test_an_estate_has_one_committee(app: Flask) -> None:
    committee = CommitteeFactory()
    values = {"estate": committee.estate.code, "name": "另一个", "members": [], "term_starts_on": date(2026, 1, 1)}
    with pytest.raises(Invalid):
        add_record(COMMITTEES, values, SYSTEM, START)


def test_a_reference_to_nothing_is_told_at_its_field(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        change(ESTATES, EstateFactory(), community="NOWHERE")
    assert refused.value.field == "community"


def test_a_company_is_never_its_own_parent_by_any_way_round(app: Flask) -> None:
    top = CompanyFactory()
    middle = CompanyFactory(parent=top)
    low = CompanyFactory(parent=middle)
    with pytest.raises(Invalid) as refused:
        change(COMPANIES, top, parent=low.code)
    assert refused.value.field == "parent"
    change(COMPANIES, low, parent=None)
    assert low.parent is None


# ---- contracts


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        (date(2026, 6, 30), None, "starts_on"),
        (date(2025, 1, 1), date(2026, 1, 1), "ends_on"),
        (date(2025, 1, 1), None, "ends_on"),
    ],
)
def test_an_estate_never_has_two_companies_on_a_day(
    app: Flask, starts_on: date, ends_on: date | None, field: str
) -> None:
    there = ContractFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30), company__name="清源物业")
    with pytest.raises(Invalid, match="清源物业") as refused:
        add_record(CONTRACTS, following(estate=there.estate.code, starts_on=starts_on, ends_on=ends_on), SYSTEM, START)
    assert refused.value.field == field


def test_a_contract_may_begin_on_the_day_after_the_last(app: Flask) -> None:
    there = ContractFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))
    added = add_record(CONTRACTS, following(estate=there.estate.code), SYSTEM, START)
    assert added.starts_on == date(2026, 7, 1)


def test_a_contract_does_not_overlap_itself(app: Flask) -> None:
    contract = ContractFactory(starts_on=date(2026, 1, 1), ends_on=None)
    change(CONTRACTS, contract, ends_on=date(2026, 12, 31))
    assert contract.ends_on == date(2026, 12, 31)


def test_a_contract_never_ends_before_it_begins(app: Flask) -> None:
    with pytest.raises(Invalid):
        change(CONTRACTS, ContractFactory(starts_on=date(2026, 1, 1)), ends_on=date(2025, 12, 31))


def test_a_change_of_company_ends_the_one_contract_and_begins_the_next(app: Flask) -> None:
    present = ContractFactory(starts_on=date(2024, 1, 1), ends_on=None)
    version = version_of(values_of(CONTRACTS, present))
    added = begin_next_contract(present, date(2026, 6, 30), following(), version, SYSTEM, START)
    assert (present.ends_on, added.starts_on) == (date(2026, 6, 30), date(2026, 7, 1))
    assert [one.kind for one in events()] == ["contract.changed", "contract.added"]
    assert {one.subject for one in events()} == {f"estate:{present.estate.code}"}


def test_a_change_of_company_leaves_no_day_with_two(app: Flask) -> None:
    present = ContractFactory(starts_on=date(2024, 1, 1), ends_on=None)
    version = version_of(values_of(CONTRACTS, present))
    with pytest.raises(Invalid) as refused:
        begin_next_contract(present, date(2026, 7, 1), following(), version, SYSTEM, START)
    assert refused.value.field == "starts_on"
    with pytest.raises(Invalid) as refused:
        begin_next_contract(present, date(2023, 12, 31), following(), version, SYSTEM, START)
    assert refused.value.field == "last_day"


def test_a_refused_next_contract_leaves_the_present_one_running(app: Flask) -> None:
    present = ContractFactory(starts_on=date(2024, 1, 1), ends_on=date(2026, 6, 30))
    ContractFactory(estate=present.estate, starts_on=date(2027, 1, 1))
    db.session.commit()
    version = version_of(values_of(CONTRACTS, present))
    with pytest.raises(Invalid):
        begin_next_contract(present, date(2026, 5, 31), following(), version, SYSTEM, START)
    db.session.rollback()
    assert db.session.get_one(Contract, present.id).ends_on == date(2026, 6, 30)


# ---- 不参评


def test_leaving_an_estate_out_needs_a_reason_and_is_logged(app: Flask) -> None:
    estate = EstateFactory()
    with pytest.raises(Invalid):
        leave_estate_out(estate, "  ", SYSTEM, START)
    leave_estate_out(estate, " 正在 拆迁 ", SYSTEM, START)
    assert estate.not_rated_reason == "正在 拆迁"
    take_estate_back(estate, SYSTEM, START)
    assert estate.is_rated
    assert [one.kind for one in events()] == ["estate.left_out", "estate.taken_back"]
    assert events()[1].data["changes"] == {"not_rated_reason": ["正在 拆迁", ""]}


# ---- deleting


def test_what_nothing_refers_to_can_be_deleted_and_the_log_keeps_its_values(app: Flask) -> None:
    estate = EstateFactory(name="柳荫花园")
    delete_record(ESTATES, estate, SYSTEM, START)
    assert db.session.scalar(select(Estate)) is None
    assert events()[0].data["values"]["name"] == "柳荫花园"


def test_what_others_refer_to_stays_and_the_refusal_names_them(app: Flask) -> None:
    rated = RatedEstateFactory()
    UserFactory(role=Role.COMMITTEE, scope=rated.estate)
    found = {label.en: count for label, count in count_references(rated.estate)}
    assert found == {"committees": 1, "contracts": 1, "entries in rounds": 1, "grants of accounts": 1}
    with pytest.raises(Conflict, match="contracts: 1"):
        delete_record(ESTATES, rated.estate, SYSTEM, START)
    with pytest.raises(Conflict):
        delete_record(COMPANIES, rated.company, SYSTEM, START)


def test_every_table_that_refers_to_the_register_has_a_name(app: Flask) -> None:
    tables = {kind.model.__table__ for kind in KINDS.values()}
    referring = {
        table.name
        for table in Estate.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table in tables
    }
    assert referring <= REFERRING.keys()
