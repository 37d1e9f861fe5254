"""One household, one counted evaluation, over real HTTP and several workers; tests/proofs/once.py is the long form."""

from __future__ import annotations

from pathlib import Path

from tests.faults.conftest import MakeTown
from tests.support.checker import check
from tests.support.crowd import Crowd, open_all, send_one_code, send_one_ticket
from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Town

AT_ONCE = 20


def test_one_ticket_sent_many_times_at_once_has_one_receipt(site: Gunicorn, town: Town, seen: Path) -> None:
    [household] = town.settle(1)
    crowd = send_one_ticket(site.port, household, AT_ONCE, seen)
    assert crowd.statuses == {303: AT_ONCE}
    assert len(crowd.receipts) == 1
    assert check(town.app, [seen]).wrong == []


def test_of_many_phones_with_one_code_one_is_counted_and_all_others_are_told(
    site: Gunicorn, town: Town, seen: Path
) -> None:
    [household] = town.settle(1)
    crowd = send_one_code(site.port, [household.code] * AT_ONCE, household, seen)
    assert crowd.statuses == {303: 1, 409: AT_ONCE - 1}
    assert check(town.app, [seen]).wrong == []


def test_phones_with_the_old_and_with_the_reissued_code_count_once_between_them(
    site: Gunicorn, town: Town, seen: Path
) -> None:
    [household] = town.settle(1)
    new = []

    def reissue() -> list[str]:
        new.append(town.reissue(household.rated_estate_id)[0].code)
        return new * (AT_ONCE // 2)

    crowd = send_one_code(site.port, [household.code] * (AT_ONCE // 2), household, seen, reissue)
    assert crowd.statuses == {303: 1, 409: AT_ONCE - 1}
    assert [page.status for _phone, page in open_all(site.port, new)] == [409]
    assert check(town.app, [seen]).wrong == []


def test_without_what_holds_once_a_household_is_counted_twice(make_town: MakeTown, seen: Path) -> None:
    """The negative control: the same crowd at a site that looks and then writes."""
    town = make_town("without-once")
    town.take_out_once()
    [household] = town.settle(1)
    with serve(town.url, seen.parent / "site", application="tests.faults.without_once:app", workers=1) as site:
        crowd: Crowd = send_one_code(site.port, [household.code] * AT_ONCE, household, seen)
    assert crowd.statuses[303] > 1
    assert check(town.app, [seen]).wrong != []
