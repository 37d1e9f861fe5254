"""All parts of a page on one page, for whoever builds pages; in development only."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from rating.access import PUBLIC, allow
from rating.errors import NotFound
from rating.pages.forms import SampleForm
from rating.wording import _l

bp = Blueprint("styleguide", __name__)


class SamplePage:
    """The third of nine pages of a list."""

    page, pages, total, prev_num, next_num = 3, 9, 260, 2, 4

    @staticmethod
    def url_for_page(number: int) -> str:
        """An address."""
        return f"?page={number}"


@bp.get("/styleguide")
@allow(PUBLIC)
def show() -> str:
    """The parts, each under its macro's name; not available in production."""
    if not (current_app.debug or current_app.testing):
        raise NotFound(_l("The address may be mistyped, or the page has gone."))
    wrong = SampleForm(data={"note": "已经写了很多字，都还在。" * 6})
    wrong.name.errors = ["请填写小区名称，例如“锦绣花园二期”。"]
    return render_template("pages/styleguide.html", form=SampleForm(formdata=None), wrong=wrong, page=SamplePage())
