"""Section 2: for a whole round an estate belongs to one company."""

from datetime import date

from rating.scoring import Service, rated_company

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


def served(company: str, first: date, last: date) -> Service:
    return Service(company, first, last)


def rated(*services: Service) -> str | None:
    return rated_company(services, FIRST, LAST, 60)


def test_the_company_that_served_most_days_of_the_period_is_rated() -> None:
    old = served("old", date(2020, 1, 1), date(2026, 3, 1))
    new = served("new", date(2026, 3, 2), date(2027, 1, 1))
    assert rated(old, new) == "new"


def test_days_outside_the_period_do_not_count() -> None:
    old = served("old", date(2000, 1, 1), date(2026, 2, 1))
    new = served("new", date(2026, 4, 1), date(2026, 6, 30))
    assert rated(old, new) == "new"


def test_of_two_with_as_many_days_the_later_is_rated() -> None:
    first = served("b", date(2026, 1, 1), date(2026, 3, 1))
    second = served("a", date(2026, 3, 2), date(2026, 4, 30))
    assert (second.last_day - second.first_day) == (first.last_day - first.first_day)
    assert rated(first, second) == rated(second, first) == "a"


def test_an_estate_served_under_sixty_days_is_not_rated() -> None:
    assert rated(served("a", date(2026, 1, 1), date(2026, 2, 28))) is None
    assert rated(served("a", date(2026, 1, 1), date(2026, 3, 1))) == "a"
    assert rated() is None


def test_overlapping_contracts_of_one_company_count_each_day_once() -> None:
    twice = [served("a", date(2026, 1, 1), date(2026, 2, 10)) for _ in range(2)]
    assert rated(*twice) is None
