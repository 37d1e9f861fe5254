"""The checklist of a round: what would make it unfair."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.audit.models import Event
from rating.checklist.checks import check_draft, check_opened, check_running
from rating.checklist.queries import Check
from rating.checklist.service import find_checklist, open_checked_round
from rating.checklist.wording import WORDS
from rating.errors import Invalid
from rating.extensions import db
from rating.registry.models import Estate
from rating.rounds.models import Round, RoundState
from rating.rounds.service import plan_roster
from rating.server.site import Site
from tests.factories import (
    CommitteeFactory,
    CompanyFactory,
    ContractFactory,
    EstateFactory,
    RatedEstateFactory,
    RoundFactory,
    RulebookFactory,
    UserFactory,
    default_document,
    issue_code,
)
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
TODAY = date(2026, 9, 7)
SITE = Site("https://rating.test", https=True, proxies=1)


def names(checks: list[Check], key: str) -> list[str]:
    (found,) = [one for one in checks if one.key == key]
    return [str(item.name) for item in found.items]


def found(round_: Round, key: str) -> list[str]:
    return names(check_draft(round_, TODAY, SITE), key)


def test_a_fair_round_has_nothing_on_its_list(app: Flask) -> None:
    contract = ContractFactory()
    CommitteeFactory(estate=contract.estate)
    UserFactory(role=Role.COMMITTEE, scope=contract.estate)
    UserFactory(role=Role.COMMUNITY, scope=contract.estate.community)
    UserFactory(role=Role.COMPANY, scope=contract.company)
    UserFactory.create_batch(2, role=Role.BUREAU)
    draft = RoundFactory(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 22))
    assert [one for one in check_draft(draft, TODAY, SITE) if one.items] == []


def test_every_point_has_its_words(app: Flask) -> None:
    checks = [*check_draft(RoundFactory(), TODAY, SITE), *check_running(RoundFactory(open=True), TODAY)]
    assert {one.key for one in checks} == WORDS.keys()


def test_an_estate_that_nobody_served_long_enough_must_be_fixed_or_marked(app: Flask) -> None:
    never, short = EstateFactory(name="无合同"), EstateFactory(name="合同短")
    ContractFactory(estate=short, starts_on=date(2026, 8, 1))
    EstateFactory(name="已标记", not_rated_reason="拆迁")
    (check,) = [one for one in check_draft(RoundFactory(), TODAY, SITE) if one.key == "unserved"]
    assert check.must
    assert [item.name for item in check.items] == ["无合同", "合同短"]
    assert [item.estate for item in check.items] == [never.code, short.code]
    assert str(check.items[1].detail) == "no company served it for 60 days; the longest: 31"


def test_checklist_and_roster_say_the_same_of_an_estate_that_is_left_out(app: Flask) -> None:
    EstateFactory()
    twice = EstateFactory()  # days that two contracts of one company share count once: 59 days, not 66
    company = ContractFactory(estate=twice, starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 6)).company
    ContractFactory(estate=twice, company=company, starts_on=date(2026, 3, 31), ends_on=date(2026, 4, 28))
    draft = RoundFactory()
    (check,) = [one for one in check_draft(draft, TODAY, SITE) if one.key == "unserved"]
    left_out = plan_roster(draft).left_out
    assert [item.detail for item in check.items] == [why for _estate, why in left_out]
    assert "the longest: 59" in str(left_out[1][1])


def test_of_two_that_served_equally_long_the_later_is_rated_and_nothing_is_told(app: Flask) -> None:
    first = ContractFactory(starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 30))
    later = ContractFactory(estate=first.estate, starts_on=date(2026, 5, 1), ends_on=date(2026, 6, 30))
    draft = RoundFactory()
    assert found(draft, "unserved") == []
    assert [one.company_id for one in plan_roster(draft).rated] == [later.company_id]


def test_overlapping_contracts_are_found(app: Flask) -> None:
    contract = ContractFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))
    ContractFactory(estate=contract.estate, starts_on=date(2026, 6, 30))
    assert found(RoundFactory(), "overlaps") == [contract.estate.name]


def test_a_contract_without_an_end_overlaps_every_later_one(app: Flask) -> None:
    contract = ContractFactory(starts_on=date(2026, 1, 1), ends_on=None)
    ContractFactory(estate=contract.estate, starts_on=date(2026, 7, 1))
    assert found(RoundFactory(), "overlaps") == [contract.estate.name]


def test_contracts_one_after_the_other_do_not_overlap(app: Flask) -> None:
    contract = ContractFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))
    ContractFactory(estate=contract.estate, starts_on=date(2026, 7, 1))
    assert found(RoundFactory(), "overlaps") == []


def test_an_estate_without_committee_is_one_to_think_about(app: Flask) -> None:
    contract = ContractFactory()
    assert found(RoundFactory(), "no_committee") == [contract.estate.name]


def test_a_community_without_a_number_for_help_is_named_once(app: Flask) -> None:
    first = ContractFactory(estate__community__phone="")
    ContractFactory(estate__community=first.estate.community)
    assert found(RoundFactory(), "no_phone") == [first.estate.community.name]


def test_a_company_too_small_for_the_least_number_of_ratings_is_told(app: Flask) -> None:
    small = ContractFactory(estate__households_total=9, estate__households_lived_in=9)
    ContractFactory(estate__households_total=10, estate__households_lived_in=10)
    assert found(RoundFactory(), "small_companies") == [small.company.name]
    assert found(RoundFactory(), "tiny") == [small.estate.name]


def test_a_company_is_judged_by_all_its_estates(app: Flask) -> None:
    small = ContractFactory(estate__households_total=9, estate__households_lived_in=9)
    ContractFactory(company=small.company)
    assert found(RoundFactory(), "small_companies") == []


def test_as_many_lived_in_as_there_are_looks_unconfirmed(app: Flask) -> None:
    full = ContractFactory(estate__households_total=300, estate__households_lived_in=300)
    ContractFactory(estate__households_total=300, estate__households_lived_in=299)
    assert found(RoundFactory(), "unconfirmed") == [full.estate.name]


def test_a_direction_without_questionnaire_is_told(app: Flask) -> None:
    document: dict[str, Any] = {**default_document(), "version": 2}
    document.pop("company_to_committee")
    rulebook = RulebookFactory(version=2, document=document)
    (check,) = [one for one in check_draft(RoundFactory(rulebook=rulebook), TODAY, SITE) if one.key == "questionnaires"]
    assert len(check.items) == 1
    assert not check.must


@pytest.mark.parametrize(("last", "count"), [(date(2026, 9, 26), 1), (date(2026, 9, 27), 0)])
def test_fewer_days_than_the_rulebook_promises_must_be_fixed(app: Flask, last: date, count: int) -> None:
    assert len(found(RoundFactory(closes_on=last), "days")) == count


def test_holidays_within_the_days_are_named(app: Flask) -> None:
    assert found(RoundFactory(), "festivals") == ["Mid-autumn Festival"]
    later = RoundFactory(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 22))
    assert found(later, "festivals") == []


def test_a_year_whose_holidays_nobody_knows_is_told(app: Flask) -> None:
    far = RoundFactory(opens_on=date(2099, 11, 2), closes_on=date(2099, 11, 22))
    assert "2099" in found(far, "festivals")[0]


@pytest.mark.parametrize(("people", "count"), [(0, 1), (1, 1), (2, 0)])
def test_fewer_than_two_people_in_the_bureau_can_not_sign(app: Flask, people: int, count: int) -> None:
    UserFactory.create_batch(people, role=Role.BUREAU)
    UserFactory(role=Role.BUREAU, active=False)
    assert len(found(RoundFactory(), "signers")) == count


def test_who_rates_without_an_account_is_told(app: Flask) -> None:
    contract = ContractFactory()
    CommitteeFactory(estate=contract.estate)
    draft = RoundFactory()
    assert found(draft, "no_committee_account") == [contract.estate.name]
    assert found(draft, "no_community_account") == [contract.estate.community.name]
    assert found(draft, "no_company_account") == [contract.company.name]
    UserFactory(role=Role.COMPANY, scope=contract.company)
    assert found(draft, "no_company_account") == []


def test_without_any_estate_or_with_another_round_open_nothing_can_open(app: Flask) -> None:
    assert found(RoundFactory(), "no_estates") != []
    RatedEstateFactory()
    assert found(RoundFactory(), "another_open") != []


def test_an_open_round_tells_whose_letters_are_not_printed(app: Flask) -> None:
    printed, waiting = RatedEstateFactory(), RatedEstateFactory()
    issue_code(printed)
    assert names(check_running(waiting.round, TODAY), "no_letters") == [waiting.estate.name]


# ---- opening, and what is kept


def test_points_that_must_be_fixed_stop_the_opening_until_a_reason_is_given(app: Flask) -> None:
    ContractFactory()
    draft = RoundFactory()
    with pytest.raises(Invalid) as refused:
        open_checked_round(draft, " ", TODAY, SYSTEM, START, SITE)
    assert refused.value.field == "reason"
    open_checked_round(draft, "第二人下周到岗", TODAY, SYSTEM, START, SITE)
    assert draft.state is RoundState.OPEN


def test_the_checklist_is_kept_as_it_stood_when_the_round_was_opened(app: Flask) -> None:
    contract = ContractFactory(estate__name="柳荫花园")
    draft = RoundFactory()
    before = check_draft(draft, TODAY, SITE)
    open_checked_round(draft, "先开", TODAY, SYSTEM, START, SITE)
    CommitteeFactory(estate=contract.estate)
    db.session.flush()
    kept = find_checklist(draft)
    assert kept is not None
    assert kept[0].reason == "先开"
    assert names(kept[1], "no_committee") == ["柳荫花园"]
    assert [(one.key, one.must, len(one.items)) for one in kept[1]] == [
        (one.key, one.must, len(one.items)) for one in before
    ]


def test_a_round_opened_without_its_checklist_shows_what_its_frozen_roster_tells(app: Flask) -> None:
    rated = RatedEstateFactory(committee=None)
    assert find_checklist(rated.round) is None
    assert names(check_opened(rated.round, TODAY), "no_committee") == [rated.estate.name]


# ---- the page


@pytest.fixture
def bureau(app: Flask, sign_in: Callable[..., Client]) -> Client:
    return sign_in(UserFactory(role=Role.BUREAU))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_lists_whom_each_point_concerns_and_a_way_on(bureau: Client, see: See, language: str) -> None:
    estate = EstateFactory(name="柳荫花园")
    ContractFactory()
    RoundFactory(number=1)
    page = see(bureau, f"/bureau/rounds/1/checklist?lang={language}")
    assert page.links()["柳荫花园"] == f"/bureau/register/estates/{estate.code}"


def test_an_estate_is_marked_as_not_rated_from_the_checklist_and_leaves_it(bureau: Client, see: See) -> None:
    estate = EstateFactory(name="柳荫花园")
    RoundFactory(number=1)
    form = see(bureau, "/bureau/rounds/1/checklist").fields(f"form[action$='{estate.code}/leave-out']")
    url = f"/bureau/register/estates/{estate.code}/leave-out"
    refused = see(bureau, url, status=422, data=form)
    page = see(bureau, url, data={**refused.fields(), "reason": "正在拆迁"})
    assert page.path == "/bureau/rounds/1/checklist"
    assert "柳荫花园" not in page.texts("th")
    assert db.session.get_one(Estate, estate.id).not_rated_reason == "正在拆迁"


def test_a_round_is_opened_from_its_checklist(bureau: Client, see: See) -> None:
    ContractFactory()
    RoundFactory(number=1)
    url = "/bureau/rounds/1/checklist"
    page = see(bureau, f"{url}/open", status=422, data={"reason": ""})
    assert "reason" in page.errors
    see(bureau, f"{url}/open", data={"reason": "只有一人在岗"})
    page = see(bureau, url)
    assert "只有一人在岗" in page.text
    assert Event.query.filter_by(kind="round.checked").count() == 1


def test_the_auditor_reads_the_checklist_and_opens_nothing(app: Flask, sign_in: Any, see: See) -> None:
    EstateFactory()
    RoundFactory(number=1)
    auditor = sign_in(UserFactory(role=Role.AUDITOR))
    assert see(auditor, "/bureau/rounds/1/checklist").all("main form") == []
    see(auditor, "/bureau/rounds/1/checklist/open", status=403, data={})


def test_the_checklist_of_an_open_round_says_what_can_still_be_done(bureau: Client, see: See) -> None:
    rated = RatedEstateFactory()
    page = see(bureau, f"/bureau/rounds/{rated.round.number}/checklist")
    assert page.all(f"main a[href$='/letters/{rated.estate.code}/confirm']")


@pytest.mark.parametrize("state", ["closed", "published"])
def test_a_round_that_is_over_keeps_its_checklist_page(bureau: Client, see: See, state: str) -> None:
    rated = RatedEstateFactory(round=RoundFactory(**{state: True}), committee=None)
    assert rated.estate.name in see(bureau, f"/bureau/rounds/{rated.round.number}/checklist").text


def test_companies_are_named_for_the_same_days_only_once(app: Flask) -> None:
    company = CompanyFactory(name="清源物业")
    ContractFactory.create_batch(2, company=company)
    assert found(RoundFactory(), "no_company_account") == ["清源物业"]
