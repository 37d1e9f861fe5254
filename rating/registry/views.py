"""The bureau's lists of the register: places, estates, companies, contracts and committees."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, render_template, request

from rating.access import Role, allow
from rating.extensions import db
from rating.registry.exporting import sheet_csv, sheet_xlsx
from rating.registry.forms import ContractFilterForm, FilterForm
from rating.registry.listing import committees_of, contracts_of, list_places
from rating.registry.queries import (
    companies_of,
    count_estates_served,
    current_companies,
    estates_of,
    list_communities,
    list_companies,
    list_estates,
    list_subdistricts,
)
from rating.web.access import only_reads
from rating.web.downloads import XLSX, download
from rating.web.language import language
from rating.web.paging import paginate
from rating.web.request import current_actor, today

bp = Blueprint("registry", __name__)


@bp.get("/bureau/register/estates")
@allow(Role.BUREAU, Role.AUDITOR)
def estates() -> str:
    """The estates, filtered, a page at a time."""
    form = _filter()
    page = paginate(estates_of(form.wanted))
    return render_template(
        "registry/estates.html", form=form, page=page, companies=current_companies(page.items, today())
    )


@bp.get("/bureau/register/estates.<any(csv, xlsx):kind>")
@allow(Role.BUREAU, Role.AUDITOR)
def estates_file(kind: str) -> Response:
    """The filtered estates in the import's columns."""
    return _file("estates", list_estates(_filter().wanted), kind)


@bp.get("/bureau/register/companies")
@allow(Role.BUREAU, Role.AUDITOR)
def companies() -> str:
    """The companies, filtered, a page at a time."""
    form = _filter()
    page = paginate(companies_of(form.wanted, today()))
    return render_template(
        "registry/companies.html", form=form, page=page, served=count_estates_served(page.items, today())
    )


@bp.get("/bureau/register/companies.<any(csv, xlsx):kind>")
@allow(Role.BUREAU, Role.AUDITOR)
def companies_file(kind: str) -> Response:
    """The filtered companies in the import's columns."""
    return _file("companies", list_companies(_filter().wanted, today()), kind)


def _file(key: str, entities: Iterable[object], kind: str) -> Response:
    if kind == "xlsx":
        return download(sheet_xlsx(key, entities, language()), XLSX, f"{key}.xlsx")
    return download(sheet_csv(key, entities, language()), "text/csv", f"{key}.csv")


def _filter() -> FilterForm:
    return _offer(FilterForm(request.args))


@bp.get("/bureau/register/places")
@allow(Role.BUREAU, Role.AUDITOR)
def places() -> str:
    """Sub-districts and their communities."""
    return render_template("registry/places.html", places=list_places(), may_edit=not only_reads(current_actor()))


@bp.get("/bureau/register/contracts")
@allow(Role.BUREAU, Role.AUDITOR)
def contracts() -> str:
    """The contracts, filtered, a page at a time."""
    form = _contract_filter()
    page = paginate(contracts_of(form.wanted, today(), form.state.data or ""))
    return render_template("registry/contracts.html", form=form, page=page, today=today())


@bp.get("/bureau/register/contracts.<any(csv, xlsx):kind>")
@allow(Role.BUREAU, Role.AUDITOR)
def contracts_file(kind: str) -> Response:
    """The filtered contracts in the import's columns."""
    form = _contract_filter()
    kept = db.session.scalars(contracts_of(form.wanted, today(), form.state.data or ""))
    return _file("contracts", kept, kind)


@bp.get("/bureau/register/committees")
@allow(Role.BUREAU, Role.AUDITOR)
def committees() -> str:
    """The committees, filtered, a page at a time."""
    form = _filter()
    return render_template(
        "registry/committees.html", form=form, page=paginate(committees_of(form.wanted)), today=today()
    )


@bp.get("/bureau/register/committees.<any(csv, xlsx):kind>")
@allow(Role.BUREAU, Role.AUDITOR)
def committees_file(kind: str) -> Response:
    """The filtered committees in the import's columns."""
    kept = db.session.scalars(committees_of(_filter().wanted))
    return _file("committees", kept, kind)


def _contract_filter() -> ContractFilterForm:
    form = ContractFilterForm(request.args)
    _offer(form)
    return form


def _offer(form: FilterForm) -> FilterForm:
    return form.offer(list_subdistricts(), list_communities())
