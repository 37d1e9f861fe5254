"""A long list, a page at a time: ?page= says which; out of range gives the nearest page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select

from rating.extensions import db

FARTHEST = 1_000_000  # a number that databases still count rows up to


class ListPagination(Pagination):
    """A page of a list that was read whole."""

    def _query_items(self) -> list[Any]:
        rows: list[Any] = self._query_args["rows"]
        return rows[self._query_offset : self._query_offset + self.per_page]

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def paginate(statement: Select[Any], per_page: int = 50) -> Pagination:
    """A page of an ordered SELECT of one entity."""
    return _nearest(partial(db.paginate, statement, per_page=per_page, error_out=False))


def paginate_list(rows: list[Any], per_page: int) -> Pagination:
    """A page of a list that was read whole."""
    return _nearest(partial(ListPagination, rows=rows, per_page=per_page, error_out=False))


def _nearest(page_of: Callable[..., Pagination]) -> Pagination:
    asked = request.args.get("page", 1, type=int)
    page = page_of(page=min(asked, FARTHEST))
    return page_of(page=page.pages) if page.total and not page.items else page
