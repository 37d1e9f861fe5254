"""The bureau's what-if: move weights and thresholds, see which standings would move; saves nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.errors import Invalid
from rating.explanations.forms import WhatIfForm
from rating.explanations.what_if import THRESHOLDS, try_settings
from rating.registry.queries import list_names
from rating.results.queries import get_scorecard
from rating.rounds.queries import get_round
from rating.scoring import ScoringRules, WhatIf

bp = Blueprint("what_if", __name__)


def _in_force(rules: ScoringRules) -> dict[str, Any]:
    total = rules.total_weight
    share = round(100 * rules.resident_share) if len(rules.counting) > 1 and total else None
    return {"resident_weight": share, **{name: getattr(rules, name) for name in THRESHOLDS}}


@bp.get("/bureau/rounds/<int:number>/what-if")
@allow(Role.BUREAU, Role.AUDITOR)
def show(number: int) -> Any:
    """The settings in force to begin with; what would move under those of the address."""
    round_ = get_round(number)
    stored = get_scorecard(round_)
    rules = round_.rulebook.content.rules()
    asked = bool(request.args.keys() & set(WhatIfForm()._fields))
    form = WhatIfForm(request.args) if asked else WhatIfForm(data=_in_force(rules))
    found: WhatIf | None = None
    if asked and form.validate():
        try:
            found = try_settings(stored, form.thresholds(), form.resident_weight.data)
        except Invalid as error:
            form.refuse(error)
    page = render_template(
        "explanations/what_if.html",
        round=round_,
        rules=rules,
        form=form,
        found=found,
        weighs=len(rules.counting) > 1,
        names=list_names([*_codes(found, "companies"), *_codes(found, "estates")]),
        title=_("What if"),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _codes(found: WhatIf | None, what: str) -> list[str]:
    return [move.code for move in getattr(found, what)] if found else []
