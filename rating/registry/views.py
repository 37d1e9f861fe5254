"""The bureau's pages of the register: importing it and looking at it."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from rating.access import Role, allow
from rating.errors import BadRows, Invalid
from rating.extensions import db
from rating.registry.exporting import companies_csv, estates_csv
from rating.registry.forms import LARGEST, FilterForm, ImportForm
from rating.registry.importing import ImportSummary, import_register
from rating.registry.queries import (
    companies_of,
    count_estates_served,
    count_register,
    current_companies,
    estates_of,
    list_communities,
    list_companies,
    list_estates,
    list_subdistricts,
)
from rating.registry.template import register_workbook
from rating.server.sizes import MB, takes
from rating.web.access import only_read_from_here, only_reads
from rating.web.language import language, told
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.workbooks.reading import read_files
from rating.workbooks.refusals import show_refusal

bp = Blueprint("registry", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/bureau/register")
@allow(Role.BUREAU, Role.AUDITOR)
def register() -> str:
    """What the register holds, and the form to import."""
    return _page(ImportForm())


@bp.post("/bureau/register")
@allow(Role.BUREAU)
@takes(files=LARGEST + MB)
def import_files() -> AnyResponse | tuple[str, int]:
    """Import the chosen files, or show every fault."""
    with closing(ImportForm()) as form:
        return _import_from(form)


def _import_from(form: ImportForm) -> AnyResponse | tuple[str, int]:
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        summary = import_register(read_files(form.contents), current_actor(), now())
    except BadRows as error:
        only_read_from_here()
        return _page(form, error), 422
    except Invalid as error:
        only_read_from_here()
        form.files.errors = [told(error.message)]
        return _page(form), 422
    db.session.commit()
    _tell(summary)
    return redirect(url_for("registry.register"), 303)


def _page(form: ImportForm, refused: BadRows | None = None) -> str:
    return render_template(
        "registry/register.html",
        form=form,
        counts=count_register(today()),
        may_import=not only_reads(current_actor()),
        refusal=show_refusal(refused) if refused else None,
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
    sheets = (f"{told(s.label)} {s.added}/{s.updated}/{s.unchanged}" for s in summary.sheets)
    flash(_("Added/updated/unchanged by sheet: %(sheets)s", sheets=" · ".join(sheets)), "info")


@bp.get("/bureau/register/template.xlsx")
@allow(Role.BUREAU, Role.AUDITOR)
def template() -> Response:
    """The workbook to fill in, in the language of the page."""
    return download(register_workbook(language()), XLSX, "register.xlsx")


@bp.get("/bureau/register/estates")
@allow(Role.BUREAU, Role.AUDITOR)
def estates() -> str:
    """The estates, filtered, a page at a time."""
    form = _filter()
    page = paginate(estates_of(form.wanted))
    return render_template(
        "registry/estates.html", form=form, page=page, companies=current_companies(page.items, today())
    )


@bp.get("/bureau/register/estates.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def estates_file() -> Response:
    """The filtered estates in the import's columns."""
    return download(estates_csv(list_estates(_filter().wanted), language()), "text/csv", "estates.csv")


@bp.get("/bureau/register/companies")
@allow(Role.BUREAU, Role.AUDITOR)
def companies() -> str:
    """The companies, filtered, a page at a time."""
    form = _filter()
    page = paginate(companies_of(form.wanted, today()))
    return render_template(
        "registry/companies.html", form=form, page=page, served=count_estates_served(page.items, today())
    )


@bp.get("/bureau/register/companies.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def companies_file() -> Response:
    """The filtered companies in the import's columns."""
    return download(companies_csv(list_companies(_filter().wanted, today()), language()), "text/csv", "companies.csv")


def _filter() -> FilterForm:
    return FilterForm(request.args).offer(list_subdistricts(), list_communities())


def download(content: bytes | str, mimetype: str, name: str) -> Response:
    """A response that is saved as a file of this name."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
