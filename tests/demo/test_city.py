"""The register of the demonstration city has its true size and breaks no rule of the register."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from stdnum.cn import uscc

from rating.demo.city import City, build_city
from rating.demo.companies import credit_code
from rating.demo.names import DIVISION
from rating.demo.records import Contract
from rating.demo.timeline import plan_rounds
from tests.demo.conftest import TODAY

COLUMNS = {
    "subdistricts": "code name",
    "communities": "code name subdistrict phone",
    "estates": "code name community grid address households_total households_lived_in built_year "
    "has_lifts fee renovated has_cctv_or_entry_doors has_greenery company_runs_water_supply "
    "not_rated_reason",
    "companies": "code name parent phone",
    "contracts": "estate company starts_on ends_on manager",
    "committees": "estate name members term_starts_on term_ends_on",
}


def test_city_has_its_true_size(city: City) -> None:
    counts = [len(city.subdistricts), len(city.communities), len(city.estates)]
    assert counts == [4, 22, 260]
    assert len(city.companies) == 69
    assert abs(sum(e.households_lived_in for e in city.estates) - 73_000) <= 1_500


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_size_does_not_hang_on_the_seed(seed: int) -> None:
    city = build_city(TODAY, seed)
    assert (len(city.estates), len(city.companies)) == (260, 69)
    assert abs(sum(e.households_lived_in for e in city.estates) - 73_000) <= 1_500


def test_estates_are_of_every_size(city: City) -> None:
    lived_in = [e.households_lived_in for e in city.estates]
    assert sum(n < 30 for n in lived_in) >= 4
    assert 3 <= sum(n > 1_500 for n in lived_in) <= 6
    assert all(0 < e.households_lived_in <= e.households_total for e in city.estates)


def test_estates_keep_within_the_years_and_fees_of_the_city(city: City) -> None:
    assert all(1985 <= e.built_year <= 2024 for e in city.estates)
    assert all(Decimal("0.3") <= e.fee <= Decimal("3.2") for e in city.estates)
    assert all(e.fee == round(e.fee, 2) for e in city.estates)
    assert {e.has_greenery for e in city.estates} == {True, False}
    assert {e.has_lifts for e in city.estates} == {True, False}


def test_two_estates_are_not_rated_and_say_why(city: City) -> None:
    reasons = [e.not_rated_reason for e in city.estates if e.not_rated_reason is not None]
    assert len(reasons) == 2
    assert all(reasons)


def test_names_and_codes_are_never_used_twice(city: City) -> None:
    for rows in (city.subdistricts, city.communities, city.estates, city.companies):
        assert len({row.code for row in rows}) == len(rows)
        assert len({row.name for row in rows}) == len(rows)


def test_estate_codes_are_short_and_carry_their_community(city: City) -> None:
    for estate in city.estates:
        assert re.fullmatch(r"[A-Z]{2}\d{4}", estate.code)
        assert estate.code.startswith(estate.community)


def test_credit_codes_have_right_check_digits_under_the_invented_division(
    city: City,
) -> None:
    codes = [c.code for c in city.companies if not c.code.startswith("LOCAL-")]
    assert len(codes) == 65
    assert all(uscc.is_valid(code) and code[2:8] == DIVISION for code in codes)


def test_credit_code_holds_the_organisation_codes_own_check_digit() -> None:
    assert credit_code("D2143569")[8:17] == "D2143569X"  # the example of GB 11714


def test_small_services_have_local_codes(city: City) -> None:
    local = [c.code for c in city.companies if c.code.startswith("LOCAL-")]
    assert local == ["LOCAL-001", "LOCAL-002", "LOCAL-003", "LOCAL-004"]


def test_branches_name_a_parent_that_exists(city: City) -> None:
    parents = [c.parent for c in city.companies if c.parent is not None]
    assert len(parents) == 5
    assert set(parents) <= {company.code for company in city.companies}


def test_phones_cannot_be_real_and_are_never_used_twice(city: City) -> None:
    phones = [row.phone for row in city.communities] + [row.phone for row in city.companies]
    assert all(re.fullmatch(r"0000-\d{7}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_contracts_on_an_estate_never_overlap(city: City) -> None:
    by_estate: dict[str, list[Contract]] = defaultdict(list)
    for contract in city.contracts:
        assert contract.starts_on <= contract.ends_on
        by_estate[contract.estate].append(contract)
    for contracts in by_estate.values():
        contracts.sort(key=lambda c: c.starts_on)
        for former, later in pairwise(contracts):
            assert former.ends_on < later.starts_on
            assert former.company != later.company


def test_some_estates_have_changed_their_company(city: City) -> None:
    contracts = Counter(c.estate for c in city.contracts)
    assert 20 <= sum(n > 1 for n in contracts.values()) <= 80


def test_every_rated_estate_is_served_through_all_rounds(city: City) -> None:
    rated = {e.code for e in city.estates if e.not_rated_reason is None}
    for days in plan_rounds(TODAY):
        assert city.roster(days.rated_from, days.rated_to).keys() == rated
    for day in (plan_rounds(TODAY)[0].rated_from, TODAY, TODAY + timedelta(days=200)):
        assert rated <= {c.estate for c in city.contracts if c.covers(day)}


def test_three_estates_got_another_company_between_or_within_rounds(city: City) -> None:
    rosters = [city.roster(days.rated_from, days.rated_to) for days in plan_rounds(TODAY)]
    changes = [{e for e in later if later[e] != former[e]} for former, later in pairwise(rosters)]
    assert [len(some) for some in changes] == [0, 2, 1]


def test_companies_serve_from_one_to_twenty_rated_estates(city: City) -> None:
    loads = [len(estates) for estates in city.rated_estates_of.values()]
    assert (min(loads), max(loads)) == (1, 20)
    assert sum(loads) == 258


def test_most_estates_have_a_committee_of_five_to_nine_people(city: City) -> None:
    assert 200 <= len(city.committees) <= 250
    for committee in city.committees:
        assert 5 <= len(set(committee.members)) == len(committee.members) <= 9
        assert committee.term_starts_on < TODAY < committee.term_ends_on


def test_surnames_are_varied(city: City) -> None:
    surnames = {name[0] for committee in city.committees for name in committee.members}
    assert len(surnames) > 80


def test_sheets_have_exactly_the_columns_of_the_import(city: City) -> None:
    sheets = city.sheets()
    assert list(sheets) == list(COLUMNS)
    for sheet, rows in sheets.items():
        assert rows
        assert all(list(row) == COLUMNS[sheet].split() for row in rows)


def test_sheets_hold_plain_values_and_point_at_rows_that_exist(city: City) -> None:
    sheets = city.sheets()
    plain = (str, int, bool, Decimal, date, type(None))
    assert all(isinstance(v, plain) for rows in sheets.values() for r in rows for v in r.values())
    codes = {sheet: {row.get("code") for row in rows} for sheet, rows in sheets.items()}
    assert {r["subdistrict"] for r in sheets["communities"]} <= codes["subdistricts"]
    assert {r["community"] for r in sheets["estates"]} == codes["communities"]
    assert {r["company"] for r in sheets["contracts"]} == codes["companies"]
    for sheet in ("contracts", "committees"):
        assert {r["estate"] for r in sheets[sheet]} <= codes["estates"]
    assert all("、" in str(row["members"]) for row in sheets["committees"])


def test_same_day_and_seed_give_the_same_city(city: City) -> None:
    assert build_city(TODAY).sheets() == city.sheets()
    assert build_city(TODAY, seed=5).sheets() != city.sheets()


def test_another_day_moves_dates_only(city: City) -> None:
    later = build_city(TODAY + timedelta(days=100))
    assert later.estates == city.estates
    assert later.companies == city.companies
    assert later.company_of == city.company_of
