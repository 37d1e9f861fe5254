"""The bureau's records of companies: entering, deciding, withdrawing; the list, its file, the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.adjustments.forms import MOST_FILES, AdjustmentFilterForm, DecisionForm, ProposalForm
from rating.adjustments.models import Adjustment
from rating.adjustments.queries import get_adjustment, get_evidence, list_evidence, select_adjustments
from rating.adjustments.service import (
    confirm_adjustment,
    propose_adjustment,
    refuse_adjustment,
    require_second,
    withdraw_adjustment,
)
from rating.adjustments.wording import ADJUSTMENT_KINDS, ADJUSTMENT_STATES, severity_word
from rating.audit.files import LARGEST
from rating.audit.views import evidence_response
from rating.errors import Conflict, Invalid, NotFound, Refused
from rating.extensions import db
from rating.registry.queries import get_company
from rating.server.sizes import MB, takes
from rating.web.access import only_read_from_here
from rating.web.downloads import download
from rating.web.figures import points
from rating.web.language import told
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.workbooks.writing import write_csv

bp = Blueprint("adjustments", __name__)

AT = "/bureau/adjustments"
ONE = f"{AT}/<int:adjustment_id>"


@bp.app_template_filter("adjustment_kind")
def adjustment_kind(row: Adjustment) -> Any:
    """A record's kind in words."""
    return ADJUSTMENT_KINDS[row.kind]


@bp.app_template_filter("adjustment_state")
def adjustment_state(row: Adjustment) -> Any:
    """A record's state in words."""
    return ADJUSTMENT_STATES[row.state]


@bp.get(AT)
@allow(Role.BUREAU, Role.AUDITOR)
def adjustments() -> str:
    """The records, filtered, a page at a time."""
    form = AdjustmentFilterForm(request.args)
    page = paginate(select_adjustments(form.wanted()), 30)
    return render_template("adjustments/adjustments.html", form=form, page=page, today=today())


@bp.get(f"{AT}.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def adjustments_file() -> Response:
    """The filtered records as a table."""
    heads = [
        _("Credit code"), _("Company"), _("Kind of record"), _("Severity"), _("Points"), _("Department"),
        _("Case number"), _("What happened"), _("Valid from"), _("Valid to"), _("State"),
    ]  # fmt: skip
    rows = db.session.scalars(select_adjustments(AdjustmentFilterForm(request.args).wanted()))
    return download(write_csv(heads, _rows(rows)), "text/csv", "adjustments.csv")


def _rows(found: Any) -> Iterator[list[Any]]:
    for row in found:
        yield [
            row.company.code, row.company.name, ADJUSTMENT_KINDS[row.kind], severity_word(row.severity),
            points(row.points), row.source, row.case_number, row.reason, row.valid_from, row.valid_to,
            ADJUSTMENT_STATES[row.state],
        ]  # fmt: skip


@bp.get(f"{AT}/new")
@allow(Role.BUREAU)
def new_adjustment() -> str:
    """The form for a record."""
    given = {"company_code": request.args.get("company", "")}
    return render_template("adjustments/new_adjustment.html", form=ProposalForm(formdata=None, data=given))


@bp.post(f"{AT}/new")
@allow(Role.BUREAU)
@takes(files=MOST_FILES * LARGEST + MB)
def propose() -> Any:
    """Enter a record."""
    form = ProposalForm()
    if not form.validate_on_submit():
        return _again(form)
    try:
        row = propose_adjustment(form.proposal(get_company(str(form.company_code.data))), current_actor(), now())
    except NotFound as error:
        form.refuse(error, "company_code")
        return _again(form)
    except (Invalid, Conflict) as error:
        form.refuse(error, "files")
        return _again(form)
    adjustment_id = row.id
    db.session.commit()
    flash(_("The record is entered. It counts once another person has confirmed it."), "success")
    return redirect(url_for(".adjustment", adjustment_id=adjustment_id), 303)


def _again(form: ProposalForm) -> tuple[str, int]:
    only_read_from_here()
    return render_template("adjustments/new_adjustment.html", form=form), 422


@bp.get(ONE)
@allow(Role.BUREAU, Role.AUDITOR)
def adjustment(adjustment_id: int) -> str:
    """A record, its evidence, and what may be done with it."""
    return _page(get_adjustment(adjustment_id), DecisionForm(formdata=None))


def _page(row: Adjustment, form: DecisionForm) -> str:
    return render_template(
        "adjustments/adjustment.html",
        row=row,
        form=form,
        evidence=list_evidence(row),
        severity=severity_word(row.severity),
        why_not_decide=_why_not_decide(row),
    )


def _why_not_decide(row: Adjustment) -> str:
    """Why the actor isn't the second person for a record, in words; '' where they are."""
    try:
        require_second(row, current_actor(), today())
    except Refused as error:
        return told(error.message)
    return ""


@bp.post(f"{ONE}/confirm")
@allow(Role.BUREAU)
def confirm(adjustment_id: int) -> Any:
    """The second person's confirmation."""
    confirm_adjustment(get_adjustment(adjustment_id), current_actor(), now())
    db.session.commit()
    flash(_("The record is confirmed. It counts while it is valid."), "success")
    return redirect(url_for(".adjustment", adjustment_id=adjustment_id), 303)


@bp.post(f"{ONE}/<any(refuse, withdraw):step>")
@allow(Role.BUREAU)
def close(adjustment_id: int, step: str) -> Any:
    """Refuse a proposed record, or withdraw a confirmed one."""
    row, form = get_adjustment(adjustment_id), DecisionForm()
    if not form.validate_on_submit():
        return _page(row, form), 422
    act = {"refuse": refuse_adjustment, "withdraw": withdraw_adjustment}[step]
    try:
        act(row, form.reason.data or "", current_actor(), now())
    except Invalid as error:
        form.refuse(error, "reason")
        only_read_from_here()
        return _page(get_adjustment(adjustment_id), form), 422
    db.session.commit()
    flash(_("Recorded."), "success")
    return redirect(url_for(".adjustment", adjustment_id=adjustment_id), 303)


@bp.get(f"{ONE}/files/<digest>")
@allow(Role.BUREAU, Role.AUDITOR)
def evidence(adjustment_id: int, digest: str) -> Response:
    """One of a record's files, to be saved."""
    get_evidence(get_adjustment(adjustment_id), digest)
    return evidence_response(digest)
