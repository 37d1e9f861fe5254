"""The bureau's page for on-site evaluations that come as a table."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from rating.access import Role, allow
from rating.errors import BadRows, Invalid
from rating.extensions import db
from rating.rounds.models import Round, RoundState
from rating.rounds.queries import get_round
from rating.server.sizes import MB, takes
from rating.sheets.importing import import_on_site, list_tables
from rating.sheets.template import on_site_workbook
from rating.web.access import only_reads
from rating.web.downloads import XLSX, download
from rating.web.language import language
from rating.web.request import current_actor, now
from rating.workbooks.forms import LARGEST, ImportForm
from rating.workbooks.reading import Sheet, read_files
from rating.workbooks.refusals import Refusal, show_refusal

bp = Blueprint("on_site", __name__)


@bp.get("/bureau/rounds/<int:number>/on-site")
@allow(Role.BUREAU, Role.AUDITOR)
def on_site(number: int) -> str:
    """The form to import on-site evaluations of a round."""
    return _page(get_round(number), ImportForm())


@bp.post("/bureau/rounds/<int:number>/on-site")
@allow(Role.BUREAU)
@takes(files=LARGEST + MB)
def import_files(number: int) -> AnyResponse | tuple[str, int]:
    """Import the chosen files, or show every fault."""
    form = ImportForm()
    with closing(form.files):
        return _import_from(get_round(number), form)


@bp.get("/bureau/rounds/<int:number>/on-site/template.xlsx")
@allow(Role.BUREAU, Role.AUDITOR)
def template(number: int) -> Response:
    """The workbook to fill in, a row for each estate of the round."""
    return download(on_site_workbook(get_round(number), language()), XLSX, f"on-site-{number}.xlsx")


def _import_from(round_: Round, form: ImportForm) -> AnyResponse | tuple[str, int]:
    if not form.validate_on_submit():
        return _page(round_, form), 422
    sheets: list[Sheet] = []
    try:
        sheets = read_files(form.files.contents)
        count = import_on_site(sheets, round_, current_actor(), now())
    except BadRows as error:
        db.session.rollback()
        round_ = get_round(round_.number)
        return _page(round_, form, show_refusal(error, list_tables(sheets, round_))), 422
    except Invalid as error:
        db.session.rollback()
        form.refuse(error, "files")
        return _page(get_round(round_.number), form), 422
    db.session.commit()
    flash(_("%(n)s on-site evaluations were imported.", n=count), "success")
    return redirect(url_for("on_site.on_site", number=round_.number), 303)


def _page(round_: Round, form: ImportForm, refusal: Refusal | None = None) -> str:
    return render_template(
        "sheets/import.html",
        round=round_,
        form=form,
        may_import=round_.state is RoundState.OPEN and not only_reads(current_actor()),
        refusal=refusal,
    )
