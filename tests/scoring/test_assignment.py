"""docs/method.md, formula 3: for a whole round an estate belongs to one company."""

from datetime import date

from rating.scoring import Assignment, Service, WhyUnrated, rated_company

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


def served(company: str, first: date, last: date) -> Service:
    return Service(company, first, last)


def assigned(*services: Service) -> Assignment:
    return rated_company(services, FIRST, LAST, 60)


def rated(*services: Service) -> str | None:
    return assigned(*services).company


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
    assert assigned(*twice) == Assignment(None, 41, WhyUnrated.SERVED_TOO_SHORT)


def test_whoever_served_too_short_is_told_with_the_days_of_the_longest() -> None:
    short = served("a", date(2026, 1, 1), date(2026, 2, 28))
    shorter = served("b", date(2026, 3, 1), date(2026, 3, 31))
    assert assigned(short, shorter) == Assignment(None, 59, WhyUnrated.SERVED_TOO_SHORT)


def test_nobody_within_the_period_is_told_apart_from_too_short() -> None:
    before = served("a", date(2025, 1, 1), date(2025, 12, 31))
    assert assigned() == assigned(before) == Assignment(None, 0, WhyUnrated.NOT_SERVED)


def test_a_company_that_is_rated_has_no_reason_against_it() -> None:
    assert assigned(served("a", date(2026, 1, 1), date(2026, 3, 1))) == Assignment("a", 60)
