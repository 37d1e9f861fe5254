"""A long list, a page at a time."""

from __future__ import annotations

from typing import Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select

from rating.extensions import db
from rating.web.addresses import this_address_with

Row = TypeVar("Row")


class Page(Generic[Row]):
    """One page of a list; `items` in the query's order, numbers from 1."""

    def __init__(self, items: list[Row], page: int, per_page: int, total: int) -> None:
        self.items = items
        self.page = page
        self.total = total
        self.pages = max(1, -(-total // per_page))

    @property
    def prev_num(self) -> int | None:
        """The page before, if any."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next_num(self) -> int | None:
        """The page after, if any."""
        return self.page + 1 if self.page < self.pages else None

    def url_for_page(self, number: int) -> str:
        """This address with another page number, filters kept."""
        return this_address_with("page", number)


def paginate(statement: Select[Row], per_page: int = 50) -> Page[Row]:
    """The page of an ordered SELECT of one entity that ?page= asks for; out of range gives the nearest page."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    pages = max(1, -(-total // per_page))
    page = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    rows = db.session.scalars(statement.limit(per_page).offset((page - 1) * per_page))
    return Page(list(rows), page, per_page, total)
