"""The bureau's page of the register: what it contains, and importing it."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from rating.access import Role, allow
from rating.errors import BadRows, Invalid
from rating.extensions import db
from rating.registry.imports.matching import list_tables
from rating.registry.imports.service import ImportSummary, import_register
from rating.registry.imports.template import register_workbook
from rating.registry.queries import count_register
from rating.server.sizes import MB, takes
from rating.web.access import only_read_from_here, only_reads
from rating.web.downloads import XLSX, download
from rating.web.language import language, told
from rating.web.request import current_actor, now, today
from rating.workbooks.forms import LARGEST, ImportForm
from rating.workbooks.reading import Sheet, read_files
from rating.workbooks.refusals import Refusal, show_refusal

bp = Blueprint("imports", __name__)


@bp.get("/bureau/register")
@allow(Role.BUREAU, Role.AUDITOR)
def register() -> str:
    """What the register contains, and the form to import."""
    return _page(ImportForm())


@bp.post("/bureau/register")
@allow(Role.BUREAU)
@takes(files=LARGEST + MB)
def import_files() -> AnyResponse | tuple[str, int]:
    """Import the chosen files, or show every fault."""
    form = ImportForm()
    with closing(form.files):
        return _import_from(form)


def _import_from(form: ImportForm) -> AnyResponse | tuple[str, int]:
    if not form.validate_on_submit():
        return _page(form), 422
    sheets: list[Sheet] = []
    try:
        sheets = read_files(form.files.contents)
        summary = import_register(sheets, current_actor(), now())
    except BadRows as error:
        only_read_from_here()
        return _page(form, show_refusal(error, list_tables(sheets))), 422
    except Invalid as error:
        only_read_from_here()
        form.refuse(error, "files")
        return _page(form), 422
    db.session.commit()
    _tell(summary)
    return redirect(url_for("imports.register"), 303)


def _page(form: ImportForm, refusal: Refusal | None = None) -> str:
    return render_template(
        "registry/register.html",
        form=form,
        counts=count_register(today()),
        may_import=not only_reads(current_actor()),
        refusal=refusal,
    )


def _tell(summary: ImportSummary) -> None:
    flash(
        _(
            "Imported: %(added)s added, %(updated)s updated, %(unchanged)s unchanged.",
            added=summary.added,
            updated=summary.updated,
            unchanged=summary.unchanged,
        ),
        "success",
    )
    if summary.new_codes:
        flash(_("%(n)s rows had no code: each was known by its name, or got one.", n=len(summary.new_codes)), "info")
    sheets = (f"{told(s.label)} {s.added}/{s.updated}/{s.unchanged}" for s in summary.sheets)
    flash(_("Added/updated/unchanged by sheet: %(sheets)s", sheets=" · ".join(sheets)), "info")


@bp.get("/bureau/register/template.xlsx")
@allow(Role.BUREAU, Role.AUDITOR)
def template() -> Response:
    """The workbook to fill in, in the language of the page."""
    return download(register_workbook(language()), XLSX, "register.xlsx")
