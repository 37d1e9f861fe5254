r"""Every search takes %, _ and \ as what they are: signs in a name, no wildcards."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, or_, select

from rating.access import SYSTEM, ScopeKind
from rating.accounts.queries import PeopleFilter, list_places, people_of
from rating.adjustments.queries import AdjustmentFilter, select_adjustments
from rating.cases.queries import TalkFilter, select_talks
from rating.extensions import db
from rating.pages.desks.queries import EventFilter, events_of
from rating.registry.listing import committees_of, contracts_of
from rating.registry.models import Company
from rating.registry.queries import RegisterFilter, companies_of, estates_of
from rating.releases.models import Release
from rating.releases.receipt_queries import receipt_lists_of
from tests.factories import (
    AdjustmentFactory,
    CommitteeFactory,
    CommunityFactory,
    CompanyFactory,
    ContractFactory,
    EstateFactory,
    EventFactory,
    ListingFactory,
    ReceiptListFactory,
    ReleaseFactory,
    TalkFactory,
    UserFactory,
)
from tests.support.clock import START

ROOT = Path(__file__).parent.parent.parent / "rating"
TODAY = START.date()
LIKE = {"like", "ilike", "not_like", "not_ilike", "contains", "icontains", "regexp_match"}
Make = Callable[[str], object]
Search = Callable[[str], Iterable[object]]


def rows_of(statement: Callable[[str], Select[Any]]) -> Search:
    return lambda text: db.session.scalars(statement(text))


def listed(name: str) -> object:
    release = db.session.scalar(select(Release)) or ReleaseFactory()
    return ReceiptListFactory(release=release, company__name=name)


def lists(text: str) -> Select[Any]:
    release = db.session.scalar(select(Release))
    assert release is not None
    return receipt_lists_of(release, text)


SEARCHES: dict[str, tuple[Make, Search]] = {
    "estates": (lambda name: EstateFactory(name=name), rows_of(lambda text: estates_of(RegisterFilter(text)))),
    "companies": (
        lambda name: CompanyFactory(name=name),
        rows_of(lambda text: companies_of(RegisterFilter(text), TODAY)),
    ),
    "contracts": (
        lambda name: ContractFactory(manager=name),
        rows_of(lambda text: contracts_of(RegisterFilter(text), TODAY)),
    ),
    "committees": (lambda name: CommitteeFactory(name=name), rows_of(lambda text: committees_of(RegisterFilter(text)))),
    "people": (lambda name: UserFactory(name=name), rows_of(lambda text: people_of(PeopleFilter(text), TODAY))),
    "places": (lambda name: CommunityFactory(name=name), lambda text: list_places(ScopeKind.COMMUNITY, text, 10)),
    "records": (
        lambda name: AdjustmentFactory(company__name=name),
        rows_of(lambda text: select_adjustments(AdjustmentFilter(text))),
    ),
    "talks": (
        lambda name: TalkFactory(listing=ListingFactory(company__name=name)),
        rows_of(lambda text: select_talks(TalkFilter(company=text), SYSTEM)),
    ),
    "events": (lambda name: EventFactory(subject=name), rows_of(lambda text: events_of(EventFilter(subject=text)))),
    "receipt lists": (listed, rows_of(lists)),
}


@pytest.mark.parametrize("sign", ["%", "_", "\\", "/", "'"])
@pytest.mark.parametrize("search", SEARCHES)
def test_every_search_finds_a_sign_where_it_stands_and_nowhere_else(app: Flask, search: str, sign: str) -> None:
    make, find = SEARCHES[search]
    wanted = make(f"东{sign}苑a")
    for other in ("东苑a", "东x苑a", f"东{sign}{sign}苑a"):
        make(other)
    assert list(find(f"东{sign}苑A")) == [wanted]


@pytest.mark.parametrize("sign", ["%", "_"])
def test_without_escaping_other_names_would_be_found(app: Flask, sign: str) -> None:
    for name in (f"东{sign}苑", "东x苑"):
        CompanyFactory(name=name)
    unescaped = select(Company).where(or_(Company.name.ilike(f"%东{sign}苑%")))
    assert len(db.session.scalars(unescaped).all()) == 2


def test_words_may_stand_in_different_columns(app: Flask) -> None:
    wanted = EstateFactory(name="东苑", address="人民路7号")
    EstateFactory(name="东苑", address="解放路7号")
    assert list(db.session.scalars(estates_of(RegisterFilter("人民 东")))) == [wanted]


def calls_of_like() -> set[str]:
    return {
        file.relative_to(ROOT).as_posix()
        for file in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LIKE
    }


def test_only_one_file_asks_with_like() -> None:
    assert calls_of_like() == {"storage/searching.py"}
