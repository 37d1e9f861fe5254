"""An image of what was built holds the same rows and goes on numbering; nothing is put back beside other rows."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from rating.extensions import db
from rating.registry.models import Company, Subdistrict
from tests.factories import SubdistrictFactory
from tests.results.town import build_town
from tests.support.databases import Database
from tests.support.images import built_once

calls: list[str] = []


@built_once
def build_two(name: str) -> dict[str, Any]:
    """Two rows."""
    calls.append(name)
    return {"first": SubdistrictFactory(name=name), "others": [SubdistrictFactory(name=f"{name} 2")]}


def all_rows() -> dict[str, list[Any]]:
    return {table.name: sorted(map(repr, db.session.execute(select(table)))) for table in db.metadata.sorted_tables}


def test_what_is_put_back_is_what_was_built(app: Flask, database: Database) -> None:
    calls.clear()
    built = build_two(f"北 {id(database)}")
    rows, names = all_rows(), (built["first"].name, built["others"][0].name)
    db.session.rollback()
    database.empty()
    db.session.expunge_all()
    assert db.session.scalar(select(func.count()).select_from(Subdistrict)) == 0
    again = build_two(f"北 {id(database)}")
    assert all_rows() == rows
    assert (again["first"].name, again["others"][0].name) == names
    assert len(calls) == 1
    assert SubdistrictFactory().id == again["others"][0].id + 1


def test_beside_other_rows_or_with_other_arguments_it_is_built(app: Flask, database: Database) -> None:
    """The control."""
    calls.clear()
    name = f"南 {id(database)}"
    build_two(name)
    assert build_two(name)["first"].id == 3  # not empty any more
    db.session.commit()
    database.empty()
    db.session.expunge_all()
    build_two(f"{name} again")
    assert calls == [name, name, f"{name} again"]


def test_a_town_comes_back_whole(app: Flask, database: Database) -> None:
    town = build_town()
    rows, companies = all_rows(), {kind: company.id for kind, company in town.companies.items()}
    db.session.rollback()
    database.empty()
    db.session.expunge_all()
    again = build_town()
    assert again is not town and all_rows() == rows
    assert {kind: company.id for kind, company in again.companies.items()} == companies
    assert db.session.scalars(select(Company.id).order_by(Company.id)).all() == sorted(companies.values())
