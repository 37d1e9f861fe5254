"""The bureau's pages of one record of the register: see it, add, edit and delete one, with its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from rating.access import Role, allow
from rating.errors import Conflict, DomainError, Invalid, NotFound
from rating.extensions import db
from rating.registry.contracts import list_contracts_of
from rating.registry.editing.forms import FORMS, LeaveOutForm, NextContractForm, RecordForm, texts_of
from rating.registry.editing.history import events_about, is_within_estate, list_own_events, tell
from rating.registry.editing.service import (
    StaleRecord,
    add_record,
    change_record,
    delete_record,
    leave_estate_out,
    take_estate_back,
)
from rating.registry.editing.succession import begin_next_contract
from rating.registry.listing import (
    find_committee,
    list_branches,
    list_choices,
    list_communities_of,
    list_contracts_of_company,
    list_estates_of,
)
from rating.registry.models import Committee, Community, Company, Contract, Estate
from rating.registry.queries import get_estate
from rating.registry.records import (
    KINDS,
    Kind,
    code_of,
    count_references,
    get_record,
    name_of,
    undeletable,
    values_of,
    version_of,
)
from rating.web.access import only_reads
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.wording import _l

bp = Blueprint("records", __name__)

ONE = "/bureau/register/<any(subdistricts,communities,estates,companies,contracts,committees):key>/<code>"
ADD = "/bureau/register/add/<any(subdistricts,communities,estates,companies,contracts,committees):key>"
Answer = Response | str | tuple[str, int]


@bp.get(ONE)
@allow(Role.BUREAU, Role.AUDITOR)
def show(key: str, code: str) -> str:
    """A record as the bureau sees it, names included, with what belongs to it and its history."""
    kind = KINDS[key]
    entity = get_record(kind, code)
    within = is_within_estate(kind)
    page = None if within else paginate(events_about(kind, entity), per_page=20)
    return render_template(
        f"registry/{kind.noun}.html",
        **_heading(kind, entity),
        entity=entity,
        today=today(),
        page=page,
        history=tell(list_own_events(kind, entity) if page is None else page.items),
        references=undeletable(count_references(entity)),
        may_edit=not only_reads(current_actor()),
        **_belongings(entity),
    )


def _heading(kind: Kind, entity: Any) -> dict[str, Any]:
    return {"kind": kind, "code": code_of(kind, entity), "name": name_of(kind, entity)}


def _belongings(entity: Any) -> dict[str, Any]:
    """What a record's page shows beside it."""
    if isinstance(entity, Estate):
        return {"contracts": list_contracts_of(entity), "committee": find_committee(entity)}
    if isinstance(entity, Company):
        return {"contracts": list_contracts_of_company(entity), "branches": list_branches(entity)}
    if isinstance(entity, Community):
        return {"estates": list_estates_of(entity)}
    return {} if isinstance(entity, Contract | Committee) else {"communities": list_communities_of(entity)}


# ---- add, edit, delete


@bp.route(ADD, methods=["GET", "POST"])
@allow(Role.BUREAU)
def add(key: str) -> Answer:
    """Add a record; a contract or a committee to the estate in ?estate=."""
    kind = KINDS[key]
    estate = _estate_of(kind)
    form = _form(FORMS[key](formdata=request.form or None))
    if not form.validate_on_submit():
        return _form_page(form, kind, estate=estate)
    try:
        fixed = {"estate": estate.code} if estate else {}
        entity = add_record(kind, {**form.values, **fixed}, current_actor(), now())
    except DomainError as error:
        return _refused(form, error, kind, estate=estate)
    code = code_of(kind, entity)
    db.session.commit()
    flash(_("Added."), "success")
    return redirect(url_for("records.show", key=key, code=code), 303)


def _estate_of(kind: Kind) -> Estate | None:
    if kind.model not in {Contract, Committee}:
        return None
    if not (code := request.args.get("estate", "")):
        raise NotFound(_l("Contracts and committees are added from the page of their estate."))
    return get_estate(code)


@bp.route(f"{ONE}/edit", methods=["GET", "POST"])
@allow(Role.BUREAU)
def edit(key: str, code: str) -> Answer:
    """Edit a record."""
    kind = KINDS[key]
    entity = get_record(kind, code)
    values = values_of(kind, entity)
    form = _form(FORMS[key](data={**texts_of(values), "version": version_of(values)}))
    form.fix("code")
    if not form.validate_on_submit():
        return _form_page(form, kind, entity)
    try:
        changes = change_record(kind, entity, form.values, form.version.data or "", current_actor(), now())
    except DomainError as error:
        return _refused(form, error, kind, code=code)
    db.session.commit()
    flash(_("Saved.") if changes else _("Nothing was changed."), "success" if changes else "info")
    return redirect(url_for("records.show", key=key, code=code), 303)


@bp.post(f"{ONE}/delete")
@allow(Role.BUREAU)
def delete(key: str, code: str) -> Response:
    """Delete a record that nothing refers to."""
    kind = KINDS[key]
    entity = get_record(kind, code)
    name = name_of(kind, entity)
    back = (
        url_for("records.show", key="estates", code=entity.estate.code) if is_within_estate(kind) else _list_url(kind)
    )
    delete_record(kind, entity, current_actor(), now())
    db.session.commit()
    flash(_("%(name)s was deleted.", name=name), "success")
    return redirect(back, 303)


def _list_url(kind: Kind) -> str:
    own = {"estates": "registry.estates", "companies": "registry.companies"}
    return url_for(own.get(kind.key, "registry.places"))


# ---- a change of company


@bp.route("/bureau/register/contracts/<code>/next", methods=["GET", "POST"])
@allow(Role.BUREAU)
def next_contract(code: str) -> Answer:
    """End a contract and begin the next."""
    kind = KINDS["contracts"]
    contract: Contract = get_record(kind, code)
    values = values_of(kind, contract)
    ends = contract.ends_on.isoformat() if contract.ends_on else ""
    form = _form(NextContractForm(data={"last_day": ends, "version": version_of(values)}))
    if not form.validate_on_submit():
        return _form_page(form, kind, contract, template="registry/next_contract.html")
    try:
        following = begin_next_contract(
            contract, form.ends_first, form.values, form.version.data or "", current_actor(), now()
        )
    except DomainError as error:
        return _refused(form, error, kind, code=code, template="registry/next_contract.html")
    estate = following.estate.code
    db.session.commit()
    flash(_("The current contract has its last day and the next one is entered."), "success")
    return redirect(url_for("records.show", key="estates", code=estate), 303)


# ---- 不参评


@bp.route("/bureau/register/estates/<code>/leave-out", methods=["GET", "POST"])
@allow(Role.BUREAU)
def leave_out(code: str) -> Answer:
    """Mark an estate as not rated, with a reason; back to a round's checklist, if the form was opened there."""
    estate = get_estate(code)
    name = estate.name
    form = LeaveOutForm(data={"round": request.args.get("round", "")})
    if form.validate_on_submit():
        try:
            leave_estate_out(estate, form.reason.data or "", current_actor(), now())
        except Invalid as error:
            form.refuse(error, "reason")
        else:
            db.session.commit()
            flash(_("%(name)s is not rated from the next round that opens.", name=name), "success")
            return redirect(_way_back(code, form.round_number), 303)
    return render_template("registry/leave_out.html", form=form, estate=estate), 422 if form.errors else 200


@bp.post("/bureau/register/estates/<code>/take-back")
@allow(Role.BUREAU)
def take_back(code: str) -> Answer:
    """Let an estate be rated again."""
    estate = get_estate(code)
    name = estate.name
    take_estate_back(estate, current_actor(), now())
    db.session.commit()
    flash(_("%(name)s is rated again from the next round that opens.", name=name), "success")
    return redirect(_way_back(code), 303)


def _way_back(code: str, number: int | None = None) -> str:
    if number is not None:
        return f"/bureau/rounds/{number}/checklist"
    return url_for("records.show", key="estates", code=code)


# ---- forms


def _form(form: RecordForm) -> Any:
    form.offer(list_choices(today()))
    return form


def _form_page(
    form: RecordForm,
    kind: Kind,
    entity: Any = None,
    *,
    estate: Estate | None = None,
    template: str = "registry/record_form.html",
    status: int | None = None,
) -> Answer:
    heading = _heading(kind, entity) if entity is not None else {"kind": kind, "code": "", "name": ""}
    page = render_template(template, form=form, entity=entity, estate=estate, **heading)
    return page, status or (422 if form.errors else 200)


def _refused(
    form: RecordForm,
    error: DomainError,
    kind: Kind,
    *,
    code: str = "",
    estate: Estate | None = None,
    template: str = "registry/record_form.html",
) -> Answer:
    """The form again, with what was typed, and why it was refused."""
    db.session.rollback()
    form.refuse(error)
    if isinstance(error, StaleRecord):
        _show_stored(form, error.values)
    entity = get_record(kind, code) if code else None
    return _form_page(
        form, kind, entity, estate=estate, template=template, status=409 if isinstance(error, Conflict) else 422
    )


def _show_stored(form: RecordForm, stored: Mapping[str, Any]) -> None:
    """Beside each field that differs, what is stored now; saving again is then deliberate."""
    form.version.data = version_of(stored)
    shown = texts_of(stored)
    for field in form.columns if form.compares else ():
        if field.short_name in form.values and form.values[field.short_name] != stored[field.short_name]:
            value = shown[field.short_name]
            said = (_("yes") if value else _("no")) if isinstance(value, bool) else value or _("(empty)")
            form.refuse_field(field.short_name, _("Stored now: %(value)s", value=said))
